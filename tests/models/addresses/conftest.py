"""Three real servers that no test harms, and what they answer when nothing fails."""

import asyncio
from collections.abc import Iterator

import pytest

from .asking import Asked, answers
from .servers import STARTER, Several


@pytest.fixture(scope="session")
def three() -> Iterator[Several]:
    if not STARTER.exists():
        pytest.skip("the starter's weights are not built")
    with Several(3) as servers:
        yield servers


@pytest.fixture(scope="session")
def expected(three: Several, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    async def all_well() -> list[str]:
        async with Asked(three.urls, tmp_path_factory.mktemp("state")) as client:
            return await answers(client)

    said = asyncio.run(all_well())
    assert all(map(str.strip, said))
    assert len(set(said)) > len(said) / 2  # so that another run's answer would be seen
    return said
