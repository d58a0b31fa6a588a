"""Rows of tables in words, and lines by their label."""

import pytest

from agentflow.research.rows import cells, head_of

TABLE = "| station | opened | owner |\n|---|:---:|---|\n| Mill Lane | 2017 | library |\n| "


@pytest.mark.parametrize(
    ("before", "names"),
    [
        (f"Text.\n\n{TABLE}", ["station", "opened", "owner"]),
        ("station | opened\n--- | ---\nMill Lane | 2017\n", ["station", "opened"]),
        ("| station | opened |\n|---|---|\n\nText.\n\n| ", []),
        ("| only | a | row |\n| ", []),
        ("", []),
    ],
)
def test_a_row_finds_the_head_of_its_own_table(before: str, names: list[str]) -> None:
    assert head_of(before) == names


def test_cells_end_at_bars_that_are_not_escaped() -> None:
    assert cells(r"| `a \| b` | two |") == [r"`a \| b`", "two"] and cells("x | y") == ["x", "y"]
