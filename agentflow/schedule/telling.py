"""Who is told: a file, a command, a webhook. Each gets the same words."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.storage.handed_out import hand_out
from agentflow.toolbox.network import Fetcher

SECONDS = 60.0  # for a command


def tell(told: Mapping[str, str], text: str, news: Mapping[str, Any], hosts: tuple[str, ...], state: Path) -> None:
    """Raises AgentflowError when one of them did not get it: then all are told again later."""
    if file := told.get("file"):
        path, new = Path(file), text.encode()
        try:
            earlier = path.read_bytes() if path.is_file() else b""
        except OSError as error:
            raise AgentflowError(f"cannot read {path}: {error.strerror}", "the news stay and are told again") from None
        if new not in earlier:  # told before a crash
            hand_out(path, new + (b"\n" + earlier if earlier else b""), state)
    if command := told.get("command"):
        run(command, text)
    if webhook := told.get("webhook"):
        post(webhook, {"text": text, "news": dict(news)}, hosts)


def run(command: str, text: str) -> None:
    """The words go to its standard input; no shell reads them or the command."""
    try:
        done = subprocess.run(
            shlex.split(command), input=text.encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, ValueError) as error:
        raise AgentflowError(f"cannot run {command!r}: {error}", "name a program that exists") from None
    except subprocess.TimeoutExpired:
        raise AgentflowError(f"{command!r} did not end within {SECONDS:.0f} s", "let it return at once") from None
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[-200:]
        raise AgentflowError(f"{command!r} ended with {done.returncode}: {said}", "the news stay and are told again")


def post(url: str, body: Mapping[str, Any], hosts: tuple[str, ...]) -> None:
    """JSON to an allowed public host: the same guard as for tools."""
    data = json.dumps(body, ensure_ascii=False).encode()
    page = Fetcher(hosts).fetch(url, headers={"Content-Type": "application/json"}, body=data)
    if not 200 <= page.status < 300:
        raise AgentflowError(f"the webhook answered {page.status}", "the news stay and are told again")
