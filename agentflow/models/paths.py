"""Where downloads and running servers keep their files: per user, outside any project."""

import os
import stat
import tempfile
from pathlib import Path

from agentflow.errors import AgentflowError


def cache_home() -> Path:
    """$AGENTFLOW_CACHE, else the user's cache folder. Not created here."""
    if named := os.environ.get("AGENTFLOW_CACHE"):
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "agentflow"


def prefix_home() -> Path:
    """The computed prompts that embedded servers keep for later runs."""
    return cache_home() / "prefixes"


def runtime_home() -> Path:
    """The private folder of running servers: $AGENTFLOW_RUNTIME, $XDG_RUNTIME_DIR/agentflow, or one in the temporary
    folder. Short, because the path of a Unix socket may have 107 bytes. Created with mode 0700; raises AgentflowError
    when somebody else owns it."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    named, system = os.environ.get("AGENTFLOW_RUNTIME"), os.environ.get("XDG_RUNTIME_DIR")
    usable = system and os.access(system, os.W_OK)
    folder = Path(named or (f"{system}/agentflow" if usable else f"{tempfile.gettempdir()}/agentflow-{user}"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if hasattr(os, "getuid") and (status.st_uid != user or stat.S_IMODE(status.st_mode) & 0o077):
        raise AgentflowError(
            f"{folder} is open to other users of this machine",
            f"run `chmod 700 {folder}`, or name another folder with AGENTFLOW_RUNTIME",
        )
    return folder
