"""Command lines built from what the installed program offers: flags are renamed from release to release."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from agentflow.errors import AgentflowError, Unavailable
from agentflow.models.paths import cache_home

REMOVED = re.compile(r"^.*the argument has been removed.*$", re.MULTILINE)  # llama-server lists those too
FLAG = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


@dataclass(slots=True)
class CommandLine:
    """`add` appends a flag when the program knows it."""

    program: str
    offered: frozenset[str]
    argv: list[str] = field(default_factory=list)

    def add(self, flag: str, *values: object, needed_for: str = "") -> bool:
        """Whether the flag is known. Raises AgentflowError when it is not and `needed_for` says what cannot be had."""
        if flag not in self.offered:
            if needed_for:
                raise AgentflowError(
                    f"the installed {self.program} has no {flag}, so it cannot {needed_for}", "update it"
                )
            return False
        self.argv += [flag, *map(str, values)]
        return True


def find_program(name: str, command: str | None) -> str:
    """The full path of `command`, or of `name` on PATH. Raises Unavailable."""
    if path := shutil.which(command or name):
        return path
    raise Unavailable(
        f"no program '{command or name}' on this machine",
        "install it, or name it with `command` in models.yaml" + ("; pip install vllm" if name == "vllm" else ""),
    )


def offered(program: str, *arguments: str, env: dict[str, str] | None = None) -> frozenset[str]:
    """The flags in the program's help, kept in the cache until the program changes."""
    path = Path(program).resolve()
    status = path.stat()
    text = json.dumps([str(path), status.st_mtime_ns, status.st_size, arguments])
    known = cache_home() / "flags" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if known.is_file():
        return frozenset(json.loads(known.read_text("utf-8")))
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            env=os.environ | (env or {}),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(
            f"'{program} {' '.join(arguments)}' does not run: {error}", "check its installation"
        ) from error
    help_text = REMOVED.sub("", done.stdout + done.stderr)
    flags = sorted(set(FLAG.findall(help_text)))
    if done.returncode != 0 or "--port" not in flags:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Unavailable(f"'{program} {' '.join(arguments)}' fails: {last[0][:200]}", "check its installation")
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps(flags), "utf-8")
    return frozenset(flags)
