"""The tools that ship, called as functions and under a policy."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.errors import ConfigError
from agentflow.project import Project
from agentflow.toolbox import ToolFailed, load_tool
from agentflow.toolbox.plain import cut, plain
from agentflow.toolbox.tool import signature

SHIPPED = Project(Path(__file__).parents[2])


def function(name: str) -> Any:
    return load_tool(SHIPPED, name).function


def test_every_shipped_tool_describes_itself() -> None:
    names = SHIPPED.names("tools")
    assert len(names) >= 12
    for name in names:
        tool = load_tool(SHIPPED, name)
        assert tool.name == name and tool.description
        assert "context" not in tool.parameters["properties"]


def test_a_signature_reads_like_a_call() -> None:
    shown = signature(load_tool(SHIPPED, "search_corpus").parameters)
    assert shown.startswith("query: string, k?: integer, paths?: array or null, types?: array or null, since?: string")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14),
        ("2 ** 10", 1024),
        ("2^3", 8),
        ("-7 // 2", -4),
        ("sqrt(16) + abs(-1)", 5.0),
        ("max(1, 2.5)", 2.5),
        ("0.15 * 80", 12.0),
    ],
)
def test_the_calculator_calculates(text: str, value: float) -> None:
    assert function("calculator")(text) == value


@settings(deadline=None)
@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.sampled_from(["+", "-", "*"]))
def test_the_calculator_agrees_with_python(a: int, b: int, sign: str) -> None:
    expected = {"+": a + b, "-": a - b, "*": a * b}[sign]
    assert function("calculator")(f"({a}) {sign} ({b})") == expected


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    try:
        assert isinstance(function("calculator")(text), int | float)
    except ToolFailed as refusal:
        assert refusal.hint


def test_dates_and_units() -> None:
    assert function("dates")("05-Jul-2001", "2002-07-05") == {"date": "2002-07-05", "weekday": "Friday", "days": 365}
    assert function("dates")("2024-02-28", add_days=1)["date"] == "2024-02-29"
    assert function("units")(10, "mi", "km") == 16.09344
    assert function("units")(212, "F", "C") == 100.0
    assert function("units")(5, "miles", "Kilometres") == 8.04672 and function("units")(2, "weeks", "days") == 14.0
    assert function("units")(100, "degrees Celsius", "°F") == 212.0
    with pytest.raises(ToolFailed, match="different things"):
        function("units")(1, "kg", "m")


def test_sentences_are_cut_as_documents_are() -> None:
    assert function("sentences")("One is here. Two, e.g. this, is there!\n\nThree") == [
        "One is here.",
        "Two, e.g. this, is there!",
        "Three",
    ]


async def test_table_reads_csv_and_sqlite_and_writes_neither(call: Any, project: Project) -> None:
    (project.root / "t.csv").write_text("name,n\na,1\nb,20\n")
    outcome, _ = await call("table", {"file": "t.csv", "sql": "SELECT sum(n) AS s FROM data WHERE n > 0"})
    assert outcome.output["result"] == {"columns": ["s"], "rows": [[21]], "more": False}
    with sqlite3.connect(project.root / "t.db") as database:
        database.execute("CREATE TABLE x (v)")
        database.execute("INSERT INTO x VALUES ('old')")
    database.close()
    for sql in ("INSERT INTO x VALUES (1)", "DELETE FROM x", "ATTACH '/tmp/other.db' AS o", "PRAGMA writable_schema=1"):
        refused, _ = await call("table", {"file": "t.db", "sql": sql})
        assert refused.status == "failed" and "not authorized" in refused.message
    kept, _ = await call("table", {"file": "t.db", "sql": "SELECT v FROM x"})
    assert kept.output["result"]["rows"] == [["old"]]


async def test_a_query_that_never_ends_is_stopped(call: Any, project: Project) -> None:
    (project.root / "t.csv").write_text("n\n1\n")
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    outcome, _ = await call("table", {"file": "t.csv", "sql": endless})
    assert outcome.status == "failed" and "interrupted" in outcome.message


async def test_write_file_writes_into_the_runs_folder(call: Any, project: Project) -> None:
    outcome, _ = await call("write_file", {"path": "a/b.txt", "text": "hello"})
    path = Path(outcome.output["result"]["path"])
    assert path.read_text() == "hello" and path.is_relative_to(project.state / "runs" / outcome.run)


def test_a_tool_without_types_or_docstring_is_a_named_mistake(project: Project) -> None:
    (project.root / "tools").mkdir()
    (project.root / "tools" / "bare.py").write_text("def bare(x):\n    '''Doc.'''\n")
    (project.root / "tools" / "mute.py").write_text("def mute(x: int) -> int:\n    return x\n")
    (project.root / "tools" / "other.py").write_text("def another(x: int) -> int:\n    '''Doc.'''\n    return x\n")
    for name, words in (("bare", "has no type"), ("mute", "no docstring"), ("other", "no function named")):
        with pytest.raises(ConfigError, match=words):
            load_tool(project, name)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["\ud800", "a\udfff"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3), st.tuples(inner, inner)),
    max_leaves=10,
)  # fmt: skip


@settings(deadline=None)
@given(JSON)
def test_a_result_is_json_that_a_round_trip_keeps(value: Any) -> None:
    import json

    once = plain(value)
    assert json.loads(json.dumps(once, ensure_ascii=False).encode("utf-8")) == once == plain(once)


def test_a_long_result_is_cut_and_says_so() -> None:
    text, was_cut = cut("é" * 1000, 100)
    assert was_cut and text.startswith("é" * 50 + " … [cut: 2,000 bytes")
