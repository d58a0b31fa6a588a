"""docs/papers.md: its tools.yaml and its commands, in order, in one project. Options are also checked by tests/test_docs.py."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from agentflow import bundled
from agentflow.papers.sources import NAMES, adapter
from agentflow.project import Project
from agentflow.toolbox.settings import load_settings
from tests.papers.served import Served
from tests.papers.test_research import allow

PAGE = (bundled.ROOT / "docs" / "papers.md").read_text("utf-8")
COMMANDS = re.findall(r"^agentflow (.*)$", PAGE, re.MULTILINE)


def test_the_settings_of_the_page_are_settings(tmp_path: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / "tools.yaml").write_text(block)
        assert yaml.safe_load(block).keys() <= {"network", "papers"} and load_settings(Project(tmp_path))


def test_the_commands_of_the_page_in_order(run: Callable[..., Any], served: Served, tmp_path: Path) -> None:
    """All but the question, which needs a model."""
    allow(tmp_path, served)
    for line in [command for command in COMMANDS if command.startswith("fetch")]:
        ran = run(*shlex.split(line), *(() if "--dry-run" in line else ("--lexical",)))
        assert ran.code == 0 and "tides" in ran.out.lower(), ran
    assert len(list((tmp_path / "papers" / "tides").glob("*.csl.json"))) == 20


def test_the_table_names_each_source_with_its_hosts_and_pause() -> None:
    rows = {row[0]: row[1:] for row in re.findall(r"^\| `(\w+)` \| (.*?) \| .*? \| ([\d.]+) s \|$", PAGE, re.MULTILINE)}
    assert tuple(rows) == NAMES
    for name in NAMES:
        hosts, pause = rows[name]
        assert tuple(re.findall(r"`([\w.-]+)`", hosts)) == adapter(name).HOSTS and float(pause) == adapter(name).PAUSE
