"""docs/architecture.md tells what is: the layers that are linted, the way of a question; and the numbers that it keeps."""

import ast
import re
import statistics
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from agentflow import bundled
from benchmarks import frames

PAGE = (bundled.ROOT / "docs" / "architecture.md").read_text("utf-8")
MODULES = [path for folder in ("agentflow", "ui") for path in sorted((bundled.ROOT / folder).rglob("*.py"))]
BOTH = {"Answer", "ToolRefused"}
"""A model's answer and the kind of node; the event and the error of a tool that may not be called."""


def defined(path: Path) -> set[str]:
    """Functions, and methods as `Class.method`."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    methods = {
        f"{owner.name}.{node.name}"
        for owner in tree.body
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, functions)
    }
    return methods | {node.name for node in tree.body if isinstance(node, functions)}


def test_the_drawn_layers_are_the_linted_ones() -> None:
    drawn = re.findall(r"^```\n(cli\n.+?)\n```$", PAGE, re.MULTILINE | re.DOTALL)[0].split("\n")
    contracts = tomllib.loads((bundled.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    linted = next(contract for contract in contracts if contract.get("exhaustive"))["layers"]
    assert drawn == [layer for layer in linted if layer != "__main__"]


def test_the_map_has_every_folder() -> None:
    folders = {path.name for path in (bundled.ROOT / "agentflow").iterdir() if (path / "__init__.py").exists()}
    told = set(re.findall(r"^  ([a-z_]+)/ ", PAGE, re.MULTILINE))
    assert folders - told == {"bundled"}  # told of beneath the map
    assert told <= folders


def test_a_question_goes_at_most_twelve_steps_each_a_function_that_exists() -> None:
    section = PAGE.partition("## The way of a question")[2].partition("\n## ")[0]
    steps = re.findall(r"^\d+\. `([\w/]+\.py): ([\w.]+)`", section, re.MULTILINE)
    assert 0 < len(steps) <= 12
    assert len(steps) == len(re.findall(r"^\d+\. ", section, re.MULTILINE))
    for file, function in steps:
        path = next(root / file for root in (bundled.ROOT / "agentflow", bundled.ROOT) if (root / file).exists())
        assert function in defined(path), f"{file} has no {function}"


def test_a_class_name_means_one_thing() -> None:
    names = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert {name for name, count in names.items() if count > 1} == BOTH


def test_modules_are_small() -> None:
    lines = [len(path.read_text("utf-8").splitlines()) for path in MODULES]
    assert max(lines) <= 300
    assert statistics.median(lines) <= 85


@pytest.mark.slow
def test_a_question_is_fourteen_frames_from_its_first_token(tmp_path: Path) -> None:
    found, _ = frames.traced(tmp_path)
    assert len(found) <= 14, found
