"""A budget counts what was used and refuses the next thing."""

import pytest

from agentflow.budget import Budget, Limits
from agentflow.errors import AgentflowError, BudgetSpent


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


@pytest.mark.parametrize("limit", [-1, float("nan")])
def test_a_limit_below_zero_is_refused(limit: float) -> None:
    with pytest.raises(AgentflowError, match="the budget's step_seconds is"):
        Limits(step_seconds=limit)


def test_seconds_pass_by_themselves() -> None:
    assert Budget(Limits(seconds=0.0)).exhausted() == "seconds"


def test_a_rest_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("agentflow.budget.time.monotonic", lambda: now[0])
    budget = Budget(Limits(seconds=10.0), started=100.0)
    now[0] = 104.0
    with budget.resting():
        now[0] = 200.0
        assert budget.left() == {"seconds": 6.0}
    now[0] = 205.0
    assert budget.left() == {"seconds": 1.0}


def test_a_step_has_its_own_account() -> None:
    budget = Budget(Limits(tokens=1000, step_tokens=100))
    for step in ("001-plan", "002-write"):
        budget.enter(step)
    budget.spend("001-plan", tokens=150)
    assert budget.left("001-plan") == {"tokens": 850.0, "step_tokens": 0.0} and budget.left("002-write")["step_tokens"]
    budget.check("002-write")
    with pytest.raises(BudgetSpent, match="step 001-plan's budget of 100 tokens .*") as spent:
        budget.check("001-plan")
    assert "--budget step_tokens=N" in spent.value.hint
    budget.leave("001-plan")
    budget.check("001-plan")


def test_a_recorded_call_counts_for_its_step_alone() -> None:
    budget = Budget(Limits(step_calls=2))
    budget.enter("001-plan")
    budget.repeat("001-plan", calls=2)
    assert "calls" not in budget.spent and budget.exhausted("001-plan") == "step_calls"
