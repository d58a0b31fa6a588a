"""The docs name only what exists: files behind links, commands, subcommands and options behind examples."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import agentflow
from agentflow import bundled
from scripts import api_docs, schemas
from tests.commands import check_command

OTHERS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md")
PAGES = sorted([*(bundled.ROOT / "docs").glob("*.md"), *(bundled.ROOT / name for name in OTHERS)])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
FENCE = re.compile(r"```(?:sh|shell|bash|console)\n(.*?)```", re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """(page, command line) of every shell example that runs agentflow."""
    found = []
    for page in PAGES:
        for block in FENCE.findall(page.read_text("utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                if match := re.search(r"(?:^|&& |\$ |uv run )(agentflow(?: .*)?)$", line.split("  #")[0].strip()):
                    found.append((page.name, match.group(1)))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [page.parent / target for target in LINK.findall(page.read_text("utf-8"))]
    assert [str(target) for target in targets if not target.exists()] == []


@pytest.mark.parametrize(("page", "line"), examples(), ids=lambda value: value)
def test_every_example_names_a_command_and_its_options(page: str, line: str) -> None:
    check_command(line.split("|")[0].split(">")[0].split(";")[0], page)


def test_the_api_page_is_what_the_docstrings_say() -> None:
    assert api_docs.PAGE.read_text("utf-8") == api_docs.render(), "run: python scripts/api_docs.py"
    grouped = [name for names in api_docs.GROUPS.values() for name in names]
    assert sorted([*grouped, "__version__"]) == sorted(agentflow.__all__)


def test_the_published_schemas_are_those_of_the_code() -> None:
    for name, text in schemas.texts().items():
        assert (schemas.DOCS / name).read_text("utf-8") == text, "run: python scripts/api_docs.py"
        Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_python_examples_import_public_names_alone(page: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        assert "from agentflow." not in block
        for names in re.findall(r"from agentflow import (.+)", block):
            assert set(names.split(", ")) <= set(agentflow.__all__)


def test_the_first_page_leads_to_every_other() -> None:
    index = (bundled.ROOT / "docs" / "index.md").read_text("utf-8")
    names = {page.name for page in (bundled.ROOT / "docs").glob("*.md")} - {"index.md"}
    assert names <= set(LINK.findall(index))


def test_every_file_that_a_page_names_is_there() -> None:
    """`runs/journal.py` stands for agentflow/runs/journal.py; names in capitals are the reader's own."""
    roots = (bundled.ROOT, bundled.ROOT / "agentflow")
    for page in (bundled.ROOT / "docs").glob("*.md"):
        for name in re.findall(r"`([\w/]+/\w+\.(?:py|md))\b", page.read_text("utf-8")):
            assert any((root / name).exists() for root in roots) or "NAME" in name, f"{page.name} names {name}"
