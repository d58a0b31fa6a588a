"""The breaker by itself, with a clock of its own."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow.models.addresses.breaker import FIRST_WAIT, IN_A_ROW, LONGEST_WAIT, Breaker


def opened() -> Breaker:
    breaker = Breaker()
    breaker.fail(0.0, gone=True)
    return breaker


def test_one_lost_connection_opens_it_and_so_do_three_answers_of_5xx_in_a_row() -> None:
    assert opened().state == "open"
    breaker = Breaker()
    for _ in range(IN_A_ROW - 1):
        breaker.fail(0.0, gone=False)
    assert breaker.allows()
    breaker.fail(0.0, gone=False)
    assert not breaker.allows()


def test_an_answer_between_two_failures_begins_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3 * IN_A_ROW):
        breaker.fail(0.0, gone=False)
        breaker.succeed()
    assert breaker.state == "closed"


def test_half_open_lets_one_call_through_and_the_call_decides() -> None:
    breaker = opened()
    assert not breaker.due(FIRST_WAIT / 2)
    assert breaker.due(FIRST_WAIT)
    breaker.revive()
    assert breaker.allows()
    assert breaker.enter()
    assert not breaker.allows()
    breaker.fail(FIRST_WAIT, gone=False)
    breaker.leave()
    assert (breaker.state, breaker.wait) == ("open", 2 * FIRST_WAIT)
    breaker.revive()
    breaker.enter()
    breaker.succeed()
    breaker.leave()
    assert (breaker.state, breaker.wait) == ("closed", 0.0)


def test_a_trial_that_was_given_up_leaves_room_for_another() -> None:
    breaker = opened()
    breaker.revive()
    breaker.enter()
    breaker.leave()
    assert breaker.allows()


@given(st.integers(1, 200))
def test_calls_that_fail_together_count_as_one_failure(calls: int) -> None:
    breaker = Breaker()
    for _ in range(calls):
        breaker.fail(1.0, gone=True)
    assert breaker.wait == FIRST_WAIT


@given(st.integers(1, 60))
def test_the_wait_doubles_and_has_an_end(failures: int) -> None:
    breaker, now = Breaker(), 0.0
    for _ in range(failures):
        breaker.fail(now, gone=True)
        now = breaker.until
        breaker.revive()
    assert breaker.wait == min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1))
