"""Loaded by every Python whose PYTHONPATH names this folder: notes which of our functions run, for benchmarks/frames.py.

`TRACE_OUT` is a folder. Each process writes the stacks of our frames at the functions of MARKS there, once for each stack.
"""

import json
import os
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

MARKS = {"Client.attempt", "InferenceEngine.submit", "LlamaContext.decode"}
ROOT = Path(__file__).resolve().parents[2]
OURS = tuple(f"{ROOT / name}{os.sep}" for name in ("agentflow", "ui", "graphs", "tools"))
entered: set[str] = set()
stacks: list[list[str]] = []


def stack_of(frame: FrameType | None) -> list[str]:
    """`module.py:function`, the outermost first."""
    found = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(OURS):
            path = frame.f_code.co_filename.removeprefix(f"{ROOT}{os.sep}")
            found.append(f"{path}:{frame.f_code.co_qualname}")
        frame = frame.f_back
    return found[::-1]


def note(frame: FrameType, event: str, _: Any) -> None:
    code = frame.f_code
    if event != "call" or not code.co_filename.startswith(OURS):
        return
    entered.add(code.co_filename.removeprefix(f"{ROOT}{os.sep}"))
    if code.co_qualname in MARKS and (stack := stack_of(frame)) not in stacks:
        stacks.append(stack)
        Path(os.environ["TRACE_OUT"], f"{os.getpid()}.json").write_text(json.dumps(stacks))


if "TRACE_OUT" in os.environ:
    threading.setprofile(note)
    sys.setprofile(note)
