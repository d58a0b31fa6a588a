"""Who gets a conversation: an address that comes or goes moves its share alone, and none gets more than its bound."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agentflow.models.addresses.hashing import choose, most, rank
from agentflow.models.addresses.homes import IDLE, Homes

NAMES = st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=9, unique=True)
KEYS = st.lists(st.text(max_size=20), max_size=120, unique=True)
BOUND = st.floats(1.0, 3.0)


@given(NAMES, KEYS)
def test_an_address_that_goes_gives_away_its_own_keys_only(names: list[str], keys: list[str]) -> None:
    *others, gone = names
    for key in keys:
        before, after = rank(key, names), rank(key, others)
        assert after == [name for name in before if name != gone]


@given(NAMES, KEYS)
def test_an_address_that_comes_takes_keys_for_itself_only(names: list[str], keys: list[str]) -> None:
    *others, new = names
    for key in keys:
        assert rank(key, names)[0] in (rank(key, others)[0], new)


@given(NAMES)
def test_each_has_its_share_of_many_keys(names: list[str]) -> None:
    counts = Counter(rank(str(number), names)[0] for number in range(2000))
    share = 2000 / len(names)
    spread = share**0.5
    assert all(abs(counts[name] - share) < 5 * spread for name in names)


@given(NAMES, KEYS, BOUND)
def test_no_address_is_given_more_than_its_bound(names: list[str], keys: list[str], bound: float) -> None:
    loads = dict.fromkeys(names, 0)
    for count, key in enumerate(keys, 1):
        chosen = choose(key, loads, bound)
        loads[chosen] += 1
        assert loads[chosen] <= most(count, len(names), bound)


@given(st.lists(st.tuples(st.integers(0, 30), st.sets(st.sampled_from("abcd"), min_size=1), st.floats(0, IDLE))), BOUND)
def test_a_conversation_stays_while_its_address_lives_and_the_bound_holds_for_new_ones(
    calls: list[tuple[int, set[str], float]], bound: float
) -> None:
    now = 0.0
    homes = Homes(bound, lambda: now)
    last: dict[str, tuple[str, float]] = {}
    for number, living, pause in calls:
        now += pause
        key = str(number)
        before, total = Counter(homes.loads), sum(homes.loads.values())
        found = homes.home(key, sorted(living))
        kept, used = last.get(key, ("", -IDLE))
        if kept in living and now - used < IDLE:
            assert found == kept
        elif homes.loads[found] > before[found]:
            assert homes.loads[found] <= most(total + 1, len(living), bound)
        last[key] = found, now
        assert sum(homes.loads.values()) == sum(now - used < IDLE for _, used in last.values())
