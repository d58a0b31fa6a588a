"""`agentflow init` starts a project folder; `agentflow list` says which file wins for every name."""

from pathlib import Path
from typing import Annotated

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say

MODELS = """\
# The models of this project, laid over the ones that ship (agentflow models list).
# roles:
#   default: NAME
models: {}
"""

TOOL = '''\
"""A tool is one typed function; the file's name is its name in workflows. Replace this one with yours."""


def word_count(text: str) -> int:
    """Counts the words of a text."""
    return len(text.split())
'''

EXAMPLE = """\
description: Answers a question from the documents, with quotes. Replace this one with yours.
inputs:
  question: string
nodes:
  found: {kind: search, query: "{{ inputs.question }}", k: 5}
  quotes: {kind: read, question: "{{ inputs.question }}", passages: found.passages}
  claims: {kind: write, question: "{{ inputs.question }}", evidence: quotes.evidence}
  words: {kind: python, function: word_count, arguments: {text: "{{ inputs.question }}"}}
output:
  claims: "{{ claims.claims }}"
  words_of_the_question: "{{ words }}"
sufficient_if: claims.count > 0
"""

WORKFLOW_NOTE = "docs/workflows.md tells how to write one; agentflow check FILE finds what is wrong with it.\n"

FILES = {
    "models.yaml": MODELS,
    "tools/word_count.py": TOOL,
    "graphs/example.yaml": EXAMPLE,
    "graphs/README.md": f"Workflows of this project. {WORKFLOW_NOTE}",
    ".gitignore": ".agentflow/\n",
}


def init(folder: Annotated[Path, typer.Argument(help="Where to start a project; made if missing.")]) -> None:
    """Start a project folder: your own models, tools and workflows over the ones that ship."""
    from agentflow.errors import AgentflowError

    if taken := [name for name in FILES if (folder / name).exists()]:
        raise AgentflowError(f"{folder} already has {', '.join(taken)}", "name an empty folder; nothing was written")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    say(f"started a project in {folder}; try: cd {folder} && agentflow ingest PATH")


def list_content(project: ProjectOption = None, json: JsonOption = False) -> None:
    """List graphs, tools and evals, and the file that each name loads."""
    from rich.table import Table

    from agentflow import bundled
    from agentflow.cli.terminal import Terminal
    from agentflow.project import Kind, Project

    opened = Project.open(project)
    kinds: tuple[Kind, ...] = ("graphs", "tools", "evals")
    rows = [(kind, name, path) for kind in kinds for name, path in sorted(opened.names(kind).items())]
    if json:
        print_json([{"kind": kind, "name": name, "file": str(path)} for kind, name, path in rows])
        return
    table = Table("kind", "name", "from", box=None)
    for kind, name, path in rows:
        shipped = path.is_relative_to(bundled.ROOT)
        table.add_row(kind, name, "ships with agentflow" if shipped else str(path))
    Terminal().print(table)
