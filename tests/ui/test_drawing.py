"""Graphs, bars and wrapped sources as text."""

from agentflow.bundled.ui.backend import Shape
from agentflow.bundled.ui.widgets.graph_map import NodeState, drawn, ranks
from agentflow.bundled.ui.widgets.meters import bar, sparkline
from agentflow.bundled.ui.widgets.source import cut
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

NODES = st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=9, unique=True)


def test_a_loop_is_an_arc_below() -> None:
    shape = Shape(("plan", "search", "reflect"), (("plan", "search"), ("search", "reflect"), ("reflect", "search")))
    text = drawn(shape, {"plan": NodeState("done", 1), "search": NodeState("active", 3, 1)}, 80).plain
    assert text.splitlines()[0] == "✓ plan ── ● search ×3 ── ○ reflect"
    assert text.splitlines()[1].strip().startswith("╰") and "◂" in text


def test_branches_lie_below_each_other() -> None:
    edges = (("a", "left"), ("a", "right"), ("left", "z"), ("right", "z"))
    lines = drawn(Shape(("a", "left", "right", "z"), edges), {}, 80).plain.splitlines()
    assert "left" in lines[0] and "right" in lines[1] and "╰─" in lines[1] and "z" in lines[0]


@given(NODES, st.data())
@settings(max_examples=80, deadline=None)
def test_any_graph_is_drawn_whole_and_fits(nodes: list[str], data: st.DataObject) -> None:
    pairs = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
    shape = Shape(tuple(nodes), tuple(data.draw(st.lists(pairs, max_size=12))))
    width = data.draw(st.integers(20, 160))
    text = drawn(shape, {}, width)
    assert all(f"○ {node}" in text.plain for node in nodes)
    assert all(cell_len(line) <= width for line in text.plain.splitlines())
    assert sorted(node for rank in ranks(shape) for node in rank) == sorted(nodes)


@given(st.text(max_size=400), st.integers(8, 60))
@settings(max_examples=80, deadline=None)
def test_a_wrapped_source_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = cut(text, width)
    assert "\n".join(part for part in text.split("\n")) == text
    assert all(cell_len(text[item.start : item.end]) <= max(width, 2) for item in lines)
    shown = "".join(text[item.start : item.end] for item in lines)
    assert shown == text.replace("\n", "")
    assert [item.number for item in lines if item.number] == list(range(1, text.count("\n") + 2))


def test_bars_and_sparklines() -> None:
    assert bar(0.5, 4) == "██░░" and bar(2.0, 3) == "███" and bar(-1, 2) == "░░"
    assert sparkline((1.0, 2.0, 4.0), 10) == "▂▄█" and sparkline((), 5) == "" and sparkline((0.0,), 3) == ""
