"""Python code in a process that sees no network, no files of yours and no secrets: Linux namespaces, or nothing.

bubblewrap where it is installed, else user namespaces through unshare(1). Both build a new root that holds the Python
installation and the system libraries read-only and a small /tmp, and nothing else. Without either it refuses to start.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agentflow.toolbox.errors import ToolFailed, ToolRefused

SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")
SCRATCH = "64m"
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
LONGEST = 100_000  # characters of output kept
# How the limit on processor time ends the code: by a signal, which bubblewrap tells as 128 and its number.
OUT_OF_TIME = {status for kind in (signal.SIGXCPU, signal.SIGKILL) for status in (-kind, 128 + kind)}

# Limits are set inside, as the last thing before the code: processes are counted per user, not per sandbox.
PRELUDE = """
import ctypes, resource, sys
for name, limit in {"AS": 1 << 30, "CPU": int(sys.argv[1]), "FSIZE": 10 << 20, "NOFILE": 64, "CORE": 0}.items():
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (limit, limit))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
libc.capset(ctypes.byref(Header(0x20080522, 0)), (ctypes.c_uint32 * 6)())  # drop them all
resource.setrlimit(resource.RLIMIT_NPROC, (64, 64))
source = sys.stdin.read()
del ctypes, resource, libc, Header, capability, name, limit
sys.argv = [""]
exec(compile(source, "<code>", "exec"), {"__name__": "__main__"})
"""

# $1 the new root's mount point, $2 the Python prefix; the rest is what to run.
UNSHARED = f"""
set -eu
root=$1; prefix=$2; shift 2
mount -t tmpfs -o size={SCRATCH},mode=0755,nosuid,nodev sandbox "$root"
show() {{
  if [ -L "$1" ]; then mkdir -p "$root$(dirname "$1")"; ln -s "$(readlink "$1")" "$root$1"; return; fi
  [ -e "$1" ] || return 0
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root$(dirname "$1")"; : > "$root$1"; fi
  mount --rbind "$1" "$root$1"
  mount -o remount,bind,ro,nosuid,nodev "$root$1"
}}
for path in {" ".join(SYSTEM)} "$prefix"; do show "$path"; done
mkdir -p "$root/tmp" "$root/proc" "$root/dev" "$root/.old"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
for device in null urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
cd "$root"
pivot_root . .old
umount -l /.old
rmdir /.old
cd /tmp
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """`status` is the exit code, negative for a signal."""

    output: str
    errors: str
    status: int


def run_python(code: str, *, seconds: float = 10.0) -> SandboxResult:
    """Runs the code. Raises ToolRefused without a sandbox, ToolFailed when it takes too long."""
    kind = find_sandbox()
    with tempfile.TemporaryDirectory(prefix="agentflow-sandbox-") as folder:
        command = _command(kind, Path(folder), seconds)
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT,
            close_fds=True, start_new_session=True, cwd="/",
        )  # fmt: skip
        try:
            output, errors = process.communicate(code.encode(), timeout=seconds + 2)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
    if process.returncode in OUT_OF_TIME:
        raise ToolFailed(f"the code ran longer than {seconds:g} s", "do less, or raise `seconds` under `tools:`")
    return SandboxResult(_text(output), _text(errors), process.returncode)


@cache
def find_sandbox() -> str:
    """`bwrap` or `unshare`, proven to work here. Raises ToolRefused."""
    for kind in ("bwrap", "unshare"):
        if shutil.which(kind) and _works(kind):
            return kind
    raise ToolRefused(
        "there is no sandbox on this machine, so no code is run",
        "install bubblewrap, or allow unprivileged user namespaces",
    )


def _works(kind: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="agentflow-sandbox-") as folder:
        try:
            tried = subprocess.run(
                _command(kind, Path(folder), 5),
                input=b"print(6 * 7)",
                capture_output=True,
                check=False,
                env=ENVIRONMENT,
                timeout=30,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return tried.returncode == 0 and tried.stdout == b"42\n"


def _command(kind: str, folder: Path, seconds: float) -> list[str]:
    prefix = str(Path(sys.base_prefix).resolve())
    python = str(Path(prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
    run = [python, "-I", "-S", "-B", "-c", PRELUDE, str(int(seconds) + 4)]  # more than the clock gives
    if kind == "bwrap":
        shown = [item for path in (*SYSTEM, prefix) for item in ("--ro-bind-try", path, path)]
        return ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL",
                *[item for pair in ENVIRONMENT.items() for item in ("--setenv", *pair)],
                *shown, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp", *run]  # fmt: skip
    return ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork",
            "--kill-child", "sh", "-c", UNSHARED, "sandbox", str(folder), prefix, *run]  # fmt: skip


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return text if len(text) <= LONGEST else text[:LONGEST] + " … [cut]"
