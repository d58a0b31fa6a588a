"""A budget counts what was used and refuses the next thing."""

import pytest

from agentflow.budget import Budget, Limits
from agentflow.errors import BudgetSpent


def test_a_budget_without_limits_is_never_spent() -> None:
    budget = Budget()
    budget.spend(tokens=10**9)
    budget.check()
    assert budget.left() == {}


def test_what_overshoots_is_counted_and_the_next_thing_refused() -> None:
    budget = Budget(Limits(tokens=100))
    budget.spend(tokens=150)
    assert budget.left() == {"tokens": 0.0}
    with pytest.raises(BudgetSpent, match="100 tokens"):
        budget.check()


def test_what_an_earlier_process_spent_still_counts() -> None:
    assert Budget(Limits(calls=5), spent={"calls": 5}).exhausted() == "calls"


def test_seconds_pass_by_themselves() -> None:
    assert Budget(Limits(seconds=0.0)).exhausted() == "seconds"
