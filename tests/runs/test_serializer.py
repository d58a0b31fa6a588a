"""Checkpoints hold plain JSON and nothing else: what is saved comes back equal, what could act is refused."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.serde import _msgpack
from langgraph.types import Interrupt, Send

from agentflow.runs.blobs import Blobs
from agentflow.runs.errors import Damaged, NotPlainJson
from agentflow.runs.serializer import PlainJson, payload, plain
from agentflow.runs.store import RunStore
from tests.postgres import place_of

pytestmark = pytest.mark.usefixtures("each_database")

SHORT = st.text(st.characters(exclude_categories=()), max_size=8)
TEXT = SHORT | SHORT.map(lambda text: text * 400)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=8).map(lambda items: items * 9)
        | st.dictionaries(TEXT | st.just("$ref"), inner)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def serializer(tmp_path_factory: pytest.TempPathFactory) -> PlainJson:
    return PlainJson(RunStore(tmp_path_factory.mktemp("serializer") / "agentflow.db").blobs)


@given(TREES)
@settings(max_examples=80, deadline=None)
def test_what_is_saved_comes_back_equal(serializer: PlainJson, value: Any) -> None:
    """Lone surrogates, `$` keys, tuples and long lists included."""
    assert serializer.loads_typed(serializer.dumps_typed(value)) == value


def test_what_langgraph_itself_stores_comes_back(serializer: PlainJson) -> None:
    value = {"tasks": [Send("look", {"question": "why"})], "asks": (Interrupt(value={"plan": ["a"]}, id="1"),)}
    assert serializer.loads_typed(serializer.dumps_typed(value)) == value
    barrier = {"join:a+b:c": {"b", "a"}, "after": ({"a"}, True), "none": set[str]()}
    assert serializer.loads_typed(serializer.dumps_typed(barrier)) == barrier


def test_equal_sets_are_stored_alike(serializer: PlainJson) -> None:
    a, b = ({*names} for names in ("abcdefgh", "hgfedcba"))
    assert serializer.dumps_typed(a) == serializer.dumps_typed(b)


@pytest.mark.parametrize(
    ("value", "culprit"),
    [
        ({"when": [1, {"path": Path("x")}]}, r"state\.when\[1\]\.path is a pathlib"),
        ({"scores": [0.5, float("nan")]}, r"state\.scores\[1\] is nan"),
        ({"by": {1: "one"}}, r"state\.by has the key 1"),
        ({"by": {0: "none"}}, r"state\.by has the key 0"),
        ({"seen": frozenset("ab")}, r"state\.seen is a builtins\.frozenset"),
        ({"seen": {("a", "b")}}, r"state\.seen is a builtins\.set"),
        ({"raw": b"bytes"}, r"state\.raw is a builtins\.bytes"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(serializer: PlainJson, value: Any, culprit: str) -> None:
    with pytest.raises(NotPlainJson, match=culprit):
        serializer.dumps_typed(value)


def test_a_value_nested_too_deep_is_refused(serializer: PlainJson) -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    with pytest.raises(NotPlainJson, match="too deep"):
        serializer.dumps_typed(deep)


class Trap:
    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        return os.putenv, ("AGENTFLOW_TRAP", "sprung")


HOSTILE = [
    ("pickle", pickle.dumps(Trap())),
    ("msgpack", ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(("os", "system", "true"))))),
    (
        "json",
        json.dumps({"lc": 2, "type": "constructor", "id": ["os", "system"], "kwargs": {"command": "true"}}).encode(),
    ),
    ("bytes", b"true"),
    ("null", b""),
    ("af1", b"x" * 40),
]


@pytest.mark.parametrize(("tag", "data"), HOSTILE, ids=[tag for tag, _ in HOSTILE])
def test_a_hostile_checkpoint_is_refused_and_runs_nothing(serializer: PlainJson, tag: str, data: bytes) -> None:
    """ASI06: memory poisoning."""
    with pytest.raises(Damaged):
        serializer.loads_typed((tag, data))
    assert "AGENTFLOW_TRAP" not in os.environ


def test_a_constructor_in_the_state_stays_data(serializer: PlainJson) -> None:
    value = {"lc": 2, "type": "constructor", "id": ["os", "system"], "kwargs": {"command": "true"}}
    assert serializer.loads_typed(serializer.dumps_typed(value)) == value


def test_strict_msgpack_is_on_as_a_second_line() -> None:
    assert _msgpack.STRICT_MSGPACK_ENABLED


def test_a_flipped_bit_is_found(serializer: PlainJson) -> None:
    tag, data = serializer.dumps_typed({"answer": "forty-two", "more": ["x"] * 5})
    for place in range(len(data)):
        for bit in (0x01, 0x20):
            broken = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
            with pytest.raises(Damaged):
                serializer.loads_typed((tag, broken))


def test_a_damaged_blob_is_found(tmp_path: Path) -> None:
    store = RunStore(place_of(tmp_path))
    serializer = PlainJson(store.blobs)
    with store.write():
        saved = serializer.dumps_typed({"text": "long " * 1000})
    (data,) = store.database.execute("SELECT data FROM blobs").fetchone()
    store.database.execute("UPDATE blobs SET data = ?", [data.replace(b"long", b"Long")])
    with pytest.raises(Damaged, match="blob"):
        serializer.loads_typed(saved)


def test_a_blob_waits_until_it_is_committed(tmp_path: Path) -> None:
    """A transaction that fails on the way must not take the parts of another run's state with it."""
    store = RunStore(place_of(tmp_path))
    saved = PlainJson(store.blobs).dumps_typed({"text": "long " * 1000})
    with pytest.raises(ZeroDivisionError), store.write(), store.write():
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), store.write():
        with store.write():
            pass
        raise ZeroDivisionError
    with store.write():
        pass
    assert store.blobs.waiting == {}
    assert PlainJson(store.blobs).loads_typed(saved) == {"text": "long " * 1000}


def test_a_blob_that_comes_while_others_are_committed_goes_on_waiting(tmp_path: Path) -> None:
    """Threads of tools commit events while the loop saves a state."""
    store = RunStore(place_of(tmp_path))
    PlainJson(store.blobs).dumps_typed({"text": "long " * 1000})
    with store.write():
        flush = store.blobs.flush
        late: list[tuple[str, bytes]] = []

        def slow() -> list[str]:
            names = flush()
            late.append(PlainJson(store.blobs).dumps_typed({"text": "late " * 1000}))
            return names

        store.blobs.flush = slow  # type: ignore[method-assign]
    store.blobs.flush = flush  # type: ignore[method-assign]
    with store.write():
        pass
    assert store.blobs.waiting == {}
    assert PlainJson(store.blobs).loads_typed(late[0]) == {"text": "late " * 1000}


def test_a_growing_list_costs_its_length_and_not_its_square(tmp_path: Path) -> None:
    """100 steps that each add 1 kB: LangGraph's own serializer stores 5.1 MB of checkpoints."""
    store = RunStore(place_of(tmp_path))
    serializer, state, stored = PlainJson(store.blobs), [], 0
    for number in range(100):
        state.append(f"{number:04d}" * 256)
        with store.write():
            stored += len(serializer.dumps_typed({"log": state})[1])
    stored += store.database.execute("SELECT sum(length(data)) FROM blobs").fetchone()[0]
    assert stored < 3 * 100 * 1024
    with store.write():
        last = serializer.dumps_typed({"log": state})
    assert serializer.loads_typed(last) == {"log": state}
    assert len(Blobs(store.database).references(payload(*last))) >= 100


def test_a_tools_result_is_what_json_makes_of_it() -> None:
    assert plain({"pair": (1, 2)}, "result") == {"pair": [1, 2]}
    with pytest.raises(NotPlainJson, match="result.x"):
        plain({"x": object()}, "result")
