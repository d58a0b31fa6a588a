"""Asks a folder of documents a question: python examples/ask_folder.py "Who decides about exceptions?" docs/demo"""

import asyncio
import sys
from pathlib import Path

from agentflow import Engine, Limits, Outcome, Project


async def ask(question: str, folder: Path) -> Outcome:
    """Reads what is new in `folder`, then runs the research graph on it alone."""
    async with Engine(Project()) as engine:
        await engine.ingest([folder])
        return await engine.run("research", {"question": question}, docs=[folder], limits=Limits(seconds=300))


if __name__ == "__main__":
    outcome = asyncio.run(ask(sys.argv[1], Path(sys.argv[2])))
    print(outcome.status, "-", outcome.output.get("answer", outcome.message))
    for quote in outcome.output.get("evidence", []):
        print(f"  “{quote['quote']}” ({quote['path']}:{quote['line']})")
