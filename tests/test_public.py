"""The public names: each is what its module defines, told to type checkers too, and costs nothing until it is used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import agentflow

PUBLIC = [name for name in agentflow.__all__ if name != "__version__"]
SOURCE = ast.parse(Path(agentflow.__file__).read_text("utf-8"))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_what_its_module_defines_and_has_a_docstring(name: str) -> None:
    value = getattr(agentflow, name)
    assert value is getattr(importlib.import_module(agentflow._MODULE_OF[name]), name)
    assert value.__module__ == agentflow._MODULE_OF[name]
    assert (value.__doc__ or "").strip() and not value.__doc__.startswith(f"{name}(")  # not the dataclass's own


def test_what_type_checkers_are_told_is_what_is_imported() -> None:
    told = {alias.name: node.module for block in SOURCE.body if isinstance(block, ast.If) for node in block.body
            if isinstance(node, ast.ImportFrom) for alias in node.names}  # fmt: skip
    assert told == agentflow._MODULE_OF
    assert sorted(told) == sorted(PUBLIC)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Agent'"):
        _ = agentflow.Agent


def test_importing_the_package_imports_no_library(tmp_path: Path) -> None:
    code = (
        "import sys, agentflow; print([m for m in ('pydantic', 'langgraph', 'numpy', 'chromadb') if m in sys.modules])"
    )
    code += "; import agentflow.engine; print('openai' in sys.modules)"  # half a second, for those who ask a model
    code += (
        "; from agentflow import Corpus; from pathlib import Path; Corpus.open(Path(sys.argv[1]), create=True).close()"
    )
    code += "; print('pandas' in sys.modules); import pandas"  # which sqlite-utils loads where it is installed
    said = subprocess.run([sys.executable, "-c", code, tmp_path / "a.db"], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["[]", "False", "False"]
