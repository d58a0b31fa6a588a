"""S13: code of a model runs where there is nothing to reach. Escape themes after smolagents' own vulnerability tests."""

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from agentflow.toolbox import ToolFailed, ToolRefused, sandbox
from agentflow.toolbox.sandbox import find_sandbox, run_python


@pytest.fixture(autouse=True, params=["bwrap", "unshare"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each sandbox in turn, as on a machine that has no other."""
    chosen: str = request.param
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: which(name) if name == chosen else None)
    sandbox.find_sandbox.cache_clear()
    request.addfinalizer(sandbox.find_sandbox.cache_clear)
    try:
        assert find_sandbox() == chosen
    except ToolRefused as refusal:
        pytest.skip(f"{chosen}: {refusal.message}")
    return chosen


def test_S13_code_runs_and_what_it_prints_comes_back__ASI05() -> None:
    assert run_python("print(sum(range(10)))").output == "45\n"
    assert run_python("1/0").status == 1


ESCAPES = {
    "network": "import socket; socket.create_connection(('93.184.216.34', 80), 1)",
    "loopback": "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
    "passwd": "open('/etc/passwd').read()",
    "write_system": "open('/usr/evil', 'w')",
    "write_root": "open('/evil/x', 'w')",
    "mount": "import subprocess; subprocess.run(['mount', '-t', 'tmpfs', 'x', '/tmp'], check=True)",
    "remount": "import subprocess; subprocess.run(['mount', '-o', 'remount,rw', '/usr'], check=True)",
    "chroot": "import os; os.chroot('/tmp')",
    "subclasses": "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen'] or open('/etc/shadow')",
    "ctypes_mount": "import ctypes; assert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0",
    "new_namespace": "import subprocess; subprocess.run(['unshare', '-Ur', 'true'], check=True)\nopen('/etc/passwd')",
    "memory": "x = 'a' * (3 << 30)",
    "big_file": "open('/tmp/x', 'wb').write(b'x' * (20 << 20))",
    "kernel_settings": "open('/proc/sys/kernel/pid_max', 'w').write('4194304')",
    "signal_outside": "import os; assert len([p for p in os.listdir('/proc') if p.isdigit()]) > 3",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_S13_no_way_out__ASI05(name: str) -> None:
    assert run_python(ESCAPES[name]).status != 0


def test_S13_no_environment_no_files_no_descriptors_leak__ASI03(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "secret")
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    with secret.open() as kept:
        os.set_inheritable(kept.fileno(), True)
        result = run_python(
            f"import os; print(os.environ, os.path.exists({str(secret)!r}), len(os.listdir('/proc/self/fd')))"
        )
    assert "CANARY" not in result.output and "False 4" in result.output  # 0, 1, 2 and the listing itself


@pytest.mark.parametrize("code", ["while True: pass", "import os\nwhile True: os.fork()"])
def test_S13_endless_code_is_killed__LLM10(code: str) -> None:
    if "fork" in code and os.geteuid() == 0:
        pytest.skip(
            "Linux does not limit how many processes root has: they would slow this machine until they are killed"
        )
    with pytest.raises(ToolFailed, match=r"longer than|more than \d+ processes"):
        run_python(code, seconds=1)


def test_S13_what_is_shown_can_be_read_and_not_written__ASI05(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a\n1\n")
    shown = {"/data/given.csv": tmp_path / "data.csv"}
    assert run_python("print(open('/data/given.csv').read())", shown=shown).output == "a\n1\n\n"
    for code in ("open('/data/given.csv', 'w')", "import os; os.unlink('/data/given.csv')", "open('/data/new', 'w')"):
        assert run_python(code, shown=shown).status != 0 or not (tmp_path / "new").exists()
    assert (tmp_path / "data.csv").read_text() == "a\n1\n"


def test_S13_plain_files_alone_come_back__ASI05() -> None:
    code = (
        "import os\nos.chdir('/tmp/out')\nopen('a.txt', 'w').write('kept')\nos.symlink('/etc/passwd', 'link')\n"
        "os.mkdir('folder')\nopen('folder/b.txt', 'w').write('left')\nos.link('a.txt', 'hard')\n"
    )
    files = run_python(code, files=True).files
    assert files["a.txt"] == b"kept" and "link" not in files and not any("/" in name for name in files)
    assert run_python("print(1)").files == {}


def test_S13_an_archive_of_the_codes_own_is_refused_or_bounded__LLM10() -> None:
    """It may write to the descriptor through which its files come back."""
    write = (
        "import os\nfor number in range(3, 64):\n    try: os.write(number, {})\n    except OSError: pass\nos._exit(0)"
    )
    with pytest.raises(ToolFailed, match="did not come back"):
        run_python(write.format("b'x' * 2000"), files=True)
    info = tarfile.TarInfo("huge")
    info.type = tarfile.GNUTYPE_SPARSE
    raw = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    raw[483:495] = b"77777777777\0"  # its real size: eight gigabytes
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    assert run_python(write.format(bytes(raw) + bytes(1024)), files=True).files == {}


def test_S13_without_a_sandbox_it_refuses_to_start__ASI05(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    sandbox.find_sandbox.cache_clear()
    with pytest.raises(ToolRefused, match="no sandbox"):
        run_python("print(1)")
