"""Runs a format's reader: text formats here, guarded ones in a child process with limits on memory and time."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from agentflow.child import end
from agentflow.corpus.blocks import Block, Extract
from agentflow.corpus.parsing.prepare import Prepared, prepare
from agentflow.corpus.readers import Format, Scans, read
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.unreadable import Scanned, Skipped, Unreadable

SECONDS = 60.0
ANSWER = 1 << 30  # bytes of the longest answer line; the readers' own caps lie far below


class FileFacts(NamedTuple):
    """What counts of a file besides its bytes: its path as stored, when it was changed, the record beside it."""

    stored: str
    modified: float
    record: dict[str, Any] | None


class Preparer(Protocol):
    ahead: int  # files that it takes at once

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def prepare(self, form: Format, content: bytes, scans: Scans, file: FileFacts) -> Prepared:
        """As `Parser` does."""


class Parser:
    """One child serves many files; when a file kills it, the next file gets a fresh one."""

    ahead = 1

    def __init__(self, seconds: float = SECONDS, module: str = "agentflow.corpus.readers.child") -> None:
        self.seconds = seconds
        self.module = module
        self.child: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def read(self, form: Format, content: bytes, scans: Scans | None = None) -> Extract:
        """`scans`: what text recognition has read. Raises Unreadable (or Skipped, Scanned) with a reason."""
        if not form.guarded:
            return read(form, content if form.binary else decode(content))
        answer = await self.ask({"format": asdict(form), **({"scans": scans} if scans else {})}, content)
        if "skipped" in answer:
            raise Skipped(answer["skipped"])
        return _extract(answer)

    async def prepare(self, form: Format, content: bytes, scans: Scans, file: FileFacts) -> Prepared:
        """Reads it and makes of it what is stored. Raises as `read` does."""
        extract = await self.read(form, content, scans)
        try:
            return prepare(extract, PurePath(file.stored), file.modified, file.record)
        except Unreadable as error:
            raise Scanned(str(error), list(extract.unseen)) if extract.unseen else error from None

    async def ask(self, request: dict[str, Any], content: bytes) -> dict[str, Any]:
        """The child's answer. Raises Unreadable (or Scanned) with a reason."""
        try:
            answer = await asyncio.wait_for(self._ask(request, content), self.seconds)
        except TimeoutError:
            await self._stop()
            raise Unreadable(f"reading it took more than {self.seconds:g} s") from None
        except asyncio.CancelledError:
            await self._stop()
            raise
        if answer.get("pages") and "unreadable" in answer:
            raise Scanned(answer["unreadable"], answer["pages"])
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        return answer

    async def _ask(self, request: dict[str, Any], content: bytes) -> dict[str, Any]:
        child = self.child = self.child or await self._start()
        assert child.stdin is not None and child.stdout is not None
        head = {**request, "size": len(content), "seconds": self.seconds}
        line = b""
        try:
            child.stdin.write(json.dumps(head).encode() + b"\n" + content)
            await child.stdin.drain()
            line = await child.stdout.readline()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it died: the end of its answers says how
        if not line.endswith(b"\n"):
            code = await child.wait()
            await self._stop()
            raise Unreadable(_death(code, self.seconds))
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        package = Path(__file__).parents[2]  # where this very agentflow lies, installed or not
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-W", "ignore", "-m", self.module,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": str(package), **{name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}},
            limit=ANSWER, start_new_session=True,
        )  # fmt: skip

    async def _stop(self) -> None:
        child, self.child = self.child, None
        if child is not None:
            await end(child)


def _death(code: int, seconds: float) -> str:
    if code == -signal.SIGXCPU:
        return f"reading it took more than {seconds:g} s"
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"its reader died ({name})"


def _extract(answer: dict[str, Any]) -> Extract:
    answer["blocks"] = [Block(**block) for block in answer["blocks"]]
    answer["lines"] = [(offset, line) for offset, line in answer["lines"]]
    return Extract(**answer)
