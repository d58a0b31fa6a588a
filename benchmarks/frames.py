"""How many frames of ours lie between a node's question and the first decoded token, and how many modules one question
enters: python -m benchmarks.frames

The small test model on its own server, traced in every process. Counted are the frames on the stacks of three moments:
when the client hands its request to the HTTP library (from `Context.ask` on), when the server's handler hands it to the
engine, and when the engine decodes. Modules are those with a frame in the asking process during the second of two
questions, so that nothing of the start counts.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from agentflow import Engine, Project

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ("How long is the lease of a run held?", "Which process removes old runs when the disk is full?")


async def ask(root: Path) -> None:
    """In the traced process."""
    import sitecustomize as trace

    async with Engine(Project(root), models={"default": "starter"}) as engine:
        await engine.ingest([root / "notes"])
        for question in QUESTIONS:
            trace.entered.clear()
            await engine.run("research", {"question": question, "knowledge": "off"})
    (root / "modules.json").write_text(json.dumps(sorted(trace.entered)))


def traced(root: Path) -> tuple[list[str], list[str]]:
    """(frames on the way to the first token, modules of a question)."""
    (root / "notes").mkdir()
    for name in ("runs.md", "queue.md"):
        (root / "notes" / name).write_text((ROOT / "docs" / name).read_text("utf-8"), "utf-8")
    out = root / "trace"
    out.mkdir()
    (root / "run").mkdir(mode=0o700)
    environment = {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "benchmarks" / "trace"), str(ROOT))), "TRACE_OUT": str(out),
        "AGENTFLOW_RUNTIME": str(root / "run"), "AGENTFLOW_CALIBRATION": "off",
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.frames", str(root)]
    subprocess.run(command, env=os.environ | environment, cwd=root, check=True)
    stacks = [stack for file in out.glob("*.json") for stack in json.loads(file.read_text())]
    return way(stacks), json.loads((root / "modules.json").read_text())


def way(stacks: list[list[str]]) -> list[str]:
    """The three stacks behind each other, each without what the process came from."""
    frames: list[str] = []
    for first, last in (
        ("Context.ask", "Client.attempt"),
        ("AuthMiddleware.__call__", "InferenceEngine.submit"),
        ("InferenceEngine._run", "LlamaContext.decode"),
    ):
        ends = [stack for stack in stacks if stack[-1].endswith(f":{last}")]
        found = [(stack, begin) for stack in ends for begin in starts(stack, first)]
        stack, begin = min(found, key=lambda pair: len(pair[0]) - pair[1])
        frames += stack[begin:]
    return frames


def starts(stack: list[str], name: str) -> list[int]:
    """`Context.ask` stands for `Context.ask_all` as well."""
    return [place for place, frame in enumerate(stack) if frame.partition(":")[2] in (name, f"{name}_all")][:1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        frames, modules = traced(Path(folder))
    print(f"{len(frames)} frames from Context.ask to the first decoded token", *frames, sep="\n  ")
    groups = {"/".join(module.split("/")[:2]) for module in modules}
    print(f"{len(modules)} modules entered by one question")
    for group in sorted(groups):
        names = [module for module in modules if module.startswith(group)]
        print(f"  {group}: {len(names)}")


if __name__ == "__main__":
    asyncio.run(ask(Path(sys.argv[1]))) if sys.argv[1:] else main()
