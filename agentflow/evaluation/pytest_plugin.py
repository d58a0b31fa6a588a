"""The pytest plug-in: `assert_suite("evals/qa.yaml", min={"f1": 0.6})` keeps a workflow under test.

pytest loads this module in every session of an environment that has agentflow, so nothing heavy is imported here.
"""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def assert_suite() -> Callable[..., Any]:
    """Runs a suite and fails the test, with the scores that fell short, unless every `min` and `max` holds."""
    from agentflow.evaluation import gate

    return gate.assert_suite
