"""The report that docs/experiments.md shows, but for its pictures, is what the example gives."""

import os
import re
import shutil
from pathlib import Path

from agentflow import bundled
from tests.experiments.conftest import Ask

PAGE = bundled.ROOT / "docs" / "experiments.md"
SHOWN = re.compile(r"(?<=<!-- report: examples/experiment -->\n```markdown\n).*?(?=```\n<!-- end -->)", re.DOTALL)


async def test_the_page_shows_the_report_of_the_example(ask: Ask, tmp_path: Path) -> None:
    folder = tmp_path / "experiment"
    shutil.copytree(bundled.ROOT / "examples" / "experiment", folder, ignore=shutil.ignore_patterns(".agentflow"))
    report = (await ask(folder, "Does the new dose shorten recovery?")).output["report"]
    report = re.sub(r"!\[.*\n\n", "", report)
    page = PAGE.read_text("utf-8")
    if os.environ.get("AGENTFLOW_RECORD"):
        PAGE.write_text(SHOWN.sub(lambda _: report, page), "utf-8")
    else:
        assert SHOWN.search(page)[0] == report  # type: ignore[index]
