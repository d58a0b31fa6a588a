"""Python code in a process that sees no network, no files of yours and no secrets: Linux namespaces, or nothing.

bubblewrap where it is installed, else user namespaces through unshare(1). Both build a new root that holds the Python
installation, the system libraries and what the caller shows, all read-only, and a small /tmp, and nothing else. Without either
it refuses to start.
"""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

from agentflow.toolbox.errors import ToolFailed, ToolRefused

SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")
SCRATCH = "64m"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
}
LONGEST = 100_000  # characters of output kept
MEMORY = 1 << 30  # bytes of address space
PROCESSES, HIGHEST_PID = 64, 301  # the kernel takes none below
NICE = "5"  # however many it starts, what counts them gets its turn
TICK = 0.05  # seconds between two counts of the processes of root
LEFT = "/tmp/out"  # what the code leaves there comes back, where the caller wants files
MOST_FILES = 64
# How the limit on processor time ends the code: by a signal, which bubblewrap tells as 128 and its number.
OUT_OF_TIME = {status for kind in (signal.SIGXCPU, signal.SIGKILL) for status in (-kind, 128 + kind)}

# Limits are set inside, as the last thing before the code: processes are counted per user, not per sandbox.
PRELUDE = f"""
import ctypes, resource, sys
seconds, memory, left = map(int, sys.argv[1:])
for name, limit in {{"AS": memory, "CPU": seconds, "FSIZE": 10 << 20, "NOFILE": 256, "CORE": 0}}.items():
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (limit, limit))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
libc.capset(ctypes.byref(Header(0x20080522, 0)), (ctypes.c_uint32 * 6)())  # drop them all
resource.setrlimit(resource.RLIMIT_NPROC, ({PROCESSES}, {PROCESSES}))
source = sys.stdin.read()
if left:
    import atexit, os, tarfile
    os.mkdir("{LEFT}")
    def bring():
        with open(left, "wb") as file, tarfile.open(fileobj=file, mode="w|") as tar:
            tar.add("{LEFT}", "")
    atexit.register(bring)
    del atexit, os
del ctypes, resource, libc, Header, capability, name, limit, seconds, memory
sys.argv = [""]
exec(compile(source, "<code>", "exec"), {{"__name__": "__main__"}})
"""

# $1 the new root's mount point, $2 the highest process id in there or 0, then pairs of what is shown and where, up to `--`; the rest is what to run.
UNSHARED = f"""
set -eu
root=$1 most=$2; shift 2
mount -t tmpfs -o size={SCRATCH},mode=0755,nosuid,nodev sandbox "$root"
show() {{
  if [ -L "$1" ]; then mkdir -p "$root$(dirname "$2")"; ln -s "$(readlink "$1")" "$root$2"; return; fi
  [ -e "$1" ] || return 0
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root$(dirname "$2")"; : > "$root$2"; fi
  mount --rbind "$1" "$root$2"
  mount -o remount,bind,ro,nosuid,nodev "$root$2"
}}
while [ "$1" != -- ]; do show "$1" "$2"; shift 2; done
shift
mkdir -p "$root/tmp" "$root/proc" "$root/dev" "$root/.old"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
[ "$most" = 0 ] || echo "$most" > "$root/proc/sys/kernel/pid_max"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc/sys"
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
    """`status` is the exit code, negative for a signal; `files` what the code left in LEFT, by name."""

    output: str
    errors: str
    status: int
    files: dict[str, bytes] = field(default_factory=dict)


def run_python(
    code: str, *, seconds: float = 10.0, shown: Mapping[str, Path] | None = None, memory: int = MEMORY, files: bool = False,
) -> SandboxResult:  # fmt: skip
    """Runs the code. `shown` maps places in the sandbox to files and folders of the machine, which it may read. Raises
    ToolRefused without a sandbox, ToolFailed when it takes too long."""
    kind = find_sandbox()
    with tempfile.TemporaryDirectory(prefix="agentflow-sandbox-") as folder, tempfile.TemporaryFile() as left:
        passed = (left.fileno(),) if files else ()
        command = _command(kind, Path(folder), seconds, shown or {}, memory, *passed)
        process = subprocess.Popen(
            ["nice", "-n", NICE, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT,
            close_fds=True, pass_fds=passed, start_new_session=True, cwd="/",
        )  # fmt: skip
        output, errors, crowded = _watched(process, code, seconds + 2)
        if crowded:
            raise ToolFailed(f"the code started more than {PROCESSES} processes", "start fewer")
        if process.returncode in OUT_OF_TIME:
            raise ToolFailed(f"the code ran longer than {seconds:g} s", "do less, or raise `seconds` under `tools:`")
        return SandboxResult(_text(output), _text(errors), process.returncode, _brought(left) if files else {})


def _watched(process: subprocess.Popen[bytes], code: str, seconds: float) -> tuple[bytes, bytes, bool]:
    """What it wrote, and whether it was ended for its processes: those of root the kernel does not count."""
    ends, counted = time.monotonic() + seconds, os.geteuid() == 0
    given: bytes | None = code.encode()  # to the first call alone
    while True:
        left = ends - time.monotonic()
        try:
            return *process.communicate(given, timeout=min(left, TICK) if counted else left), False
        except subprocess.TimeoutExpired:
            given = None
            crowded = counted and _processes(process.pid) > PROCESSES
            if crowded or time.monotonic() >= ends:
                os.killpg(process.pid, signal.SIGKILL)  # the kernel ends all that are in its namespace
                return *process.communicate(), crowded


def _processes(pid: int) -> int:
    """How many run in the sandbox: by its own /proc, which a million others do not make slow to read; 0 before it stands."""
    try:
        inner = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
        root = Path(f"/proc/{inner}/root")
        return 0 if root.samefile("/") else sum(name.isdigit() for name in os.listdir(root / "proc"))
    except (OSError, IndexError):  # it has ended, or only begins
        return 0


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
                _command(kind, Path(folder), 5, {}, MEMORY),
                input=b"print(6 * 7)",
                capture_output=True,
                check=False,
                env=ENVIRONMENT,
                timeout=30,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return tried.returncode == 0 and tried.stdout == b"42\n"


def _command(
    kind: str, folder: Path, seconds: float, shown: Mapping[str, Path], memory: int, left: int = 0
) -> list[str]:
    prefix = str(Path(sys.base_prefix).resolve())
    python = str(Path(prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
    limits = [str(number) for number in (int(seconds) + 4, memory, left)]  # more time than the clock gives
    run = [python, "-I", "-S", "-B", "-c", PRELUDE, *limits]
    pairs = [
        *((path, path) for path in (*SYSTEM, prefix)),
        *((str(path.absolute()), place) for place, path in shown.items()),
    ]
    if kind == "bwrap":
        bound = [item for pair in pairs for item in ("--ro-bind-try", *pair)]
        return ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL",
                *[item for pair in ENVIRONMENT.items() for item in ("--setenv", *pair)],
                *bound, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp", *run]  # fmt: skip
    return ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork",
            "--kill-child", "sh", "-c", UNSHARED, "sandbox", str(folder), _highest_pid(),
            *[item for pair in pairs for item in pair], "--", *run]  # fmt: skip


def _highest_pid() -> str:
    """Linux 6.14 and later bound it in each namespace; before, it is the whole machine's."""
    release = os.uname().release.split(".")
    return str(HIGHEST_PID) if tuple(int(part) for part in release[:2] if part.isdigit()) >= (6, 14) else "0"


def _brought(left: IO[bytes]) -> dict[str, bytes]:
    """Plain files alone, by their bare names. Raises ToolFailed where the code has spoilt what was to come back."""
    left.seek(0)
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=left, mode="r:") as tar:
            for member in tar:
                name = member.name.lstrip("/")
                whole = member.isreg() and not member.issparse()  # a sparse one is as large as it says
                if whole and name and "/" not in name and len(found) < MOST_FILES and (file := tar.extractfile(member)):
                    found[name] = file.read()
    except tarfile.TarError as error:
        raise ToolFailed(f"the code's files did not come back whole: {error}", f"leave less in {LEFT}") from None
    return found


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return text if len(text) <= LONGEST else text[:LONGEST] + " … [cut]"
