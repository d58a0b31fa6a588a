"""Which clients work with the server as they come: one line a check, as a Markdown table.

Needs nothing of agentflow, so it runs in any environment that has some of the clients:

    agentflow serve smollm2-research minilm --port 8080 --key KEY
    pip install openai instructor litellm llm langchain-openai      # in a throw-away environment
    npm install openai                                              # in FOLDER, for --javascript FOLDER
    python benchmarks/clients.py --key KEY --model smollm2-research --embedder minilm

With `@modelcontextprotocol/sdk` in FOLDER as well, `--mcp PROJECT` asks the `agentflow mcp` of a project with documents.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from client_check import Checks, Server
from library_checks import instructor_checks, langchain_checks, litellm_checks, llm_checks
from openai_checks import openai_checks


class Line(NamedTuple):
    client: str
    check: str
    result: str


CLIENTS: dict[str, Callable[[Server], Checks]] = {
    "openai": openai_checks,
    "instructor": instructor_checks,
    "litellm": litellm_checks,
    "llm": llm_checks,
    "langchain-openai": langchain_checks,
}


def run(server: Server) -> Iterator[Line]:
    for package, checks_of in CLIENTS.items():
        try:
            name = f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError:
            yield Line(package, "", "not installed")
            continue
        for check, holds in checks_of(server).items():
            yield Line(name, check, outcome(holds))


def outcome(holds: Callable[[], object]) -> str:
    try:
        holds()
    except Exception as error:  # noqa: BLE001  a client's own errors are the result
        return f"failed: {type(error).__name__}: {' '.join(str(error).split())[:120]}"
    return "passed"


def run_javascript(name: str, folder: Path, *arguments: str) -> Iterator[Line]:
    """A script of this folder, run where its npm packages are; it prints a JSON line a check."""
    script = folder / name
    script.write_text(Path(__file__).with_name(name).read_text("utf-8"), "utf-8")
    done = subprocess.run(["node", str(script), *arguments], capture_output=True, text=True, check=False, timeout=600)
    for line in done.stdout.splitlines():
        yield Line(*json.loads(line))
    if done.returncode:
        yield Line(name, "", f"failed: {done.stderr.strip()[-200:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8080/v1")
    parser.add_argument("--key", default=os.environ.get("OPENAI_API_KEY", ""))
    parser.add_argument("--model", required=True)
    parser.add_argument("--embedder", default="", help="without it, embeddings are left out")
    parser.add_argument("--javascript", type=Path, help="a folder with the npm package openai")
    parser.add_argument("--mcp", type=Path, metavar="PROJECT", help="with --javascript: a project to ask over MCP")
    options = parser.parse_args()
    server = Server(options.url, options.key, options.model, options.embedder)
    lines = [*run(server)]
    if options.javascript:
        lines += run_javascript("clients.mjs", options.javascript, *server)
    if options.javascript and options.mcp:
        agentflow = shutil.which("agentflow") or "agentflow"
        lines += run_javascript("mcp_client.mjs", options.javascript, agentflow, str(options.mcp))
    print("| client | check | result |\n|---|---|---|")
    for line in lines:
        print("| " + " | ".join(line) + " |")
    failed = sum(line.result.startswith("failed") for line in lines)
    print(f"\n{sum(line.result == 'passed' for line in lines)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
