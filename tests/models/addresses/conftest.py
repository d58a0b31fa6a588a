"""Three real servers that no test of a module harms."""

from collections.abc import Iterator

import pytest

from .servers import STARTER, Several


@pytest.fixture(scope="module")
def three() -> Iterator[Several]:
    if not STARTER.exists():
        pytest.skip("the starter's weights are not built")
    with Several(3) as servers:
        yield servers
