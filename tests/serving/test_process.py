"""How the server's process starts, refuses to start, and ends."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.serving.conftest import start_server


@pytest.mark.parametrize(
    ("fault", "words"), [("none", "no weight file"), ("cut", "cannot load"), ("text", "not a GGUF")]
)
def test_a_missing_or_broken_weight_file_is_told_in_one_line(
    tmp_path: Path, gguf: Path, fault: str, words: str
) -> None:
    path = tmp_path / "weights.gguf"
    if fault != "none":
        path.write_bytes(gguf.read_bytes()[:-50_000] if fault == "cut" else b"not weights")
    broken = start_server({"models": [{"name": "x", "path": str(path)}]})
    assert broken.ready["ready"] is False
    assert words in broken.ready["error"]
    assert broken.process.wait(timeout=120) == 1
    broken.process.stdout.close()  # type: ignore[union-attr]


def test_a_model_that_does_not_fit_is_refused(gguf: Path) -> None:
    broken = start_server({"models": [{"name": "x", "path": str(gguf), "context": 200_000_000, "parallel": 200}]})
    assert "this machine has" in broken.ready["error"]
    assert broken.ready["hint"]
    broken.process.wait(timeout=120)
    broken.process.stdout.close()  # type: ignore[union-attr]


def test_a_remote_address_has_to_be_asked_for(gguf: Path) -> None:
    broken = start_server({"host": "0.0.0.0", "models": [{"name": "x", "path": str(gguf)}]})
    assert "other machines" in broken.ready["error"]
    assert broken.process.wait(timeout=120) == 2
    broken.process.stdout.close()  # type: ignore[union-attr]


def test_a_unix_socket_serves_and_the_server_ends_with_its_parent(tmp_path: Path, gguf: Path) -> None:
    parent = subprocess.Popen(["cat"], stdin=subprocess.PIPE)  # lives until it is killed
    path = tmp_path / "socket"
    running = start_server(
        {"socket": str(path), "parent_pid": parent.pid, "models": [{"name": "tiny", "path": str(gguf)}]}
    )
    assert running.ready["ready"] and running.url.startswith("http+unix://")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://local", timeout=60) as client:
        assert client.get("/v1/models").json()["data"][0]["id"] == "tiny"
    parent.kill()
    parent.communicate()
    assert running.process.wait(timeout=120) == 0
    running.process.stdout.close()  # type: ignore[union-attr]


def test_it_leaves_no_file_open_at_its_end() -> None:
    code = "import agentflow.serving.backend.llama_library"
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
