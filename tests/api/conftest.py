"""The API in a process of its own, over a project of tiny runs."""

import asyncio
import json
import os
import signal
import ssl
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentflow.api.server import ApiConfig, serve
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.project import Project
from tests.crash.harness import fork
from tests.worker.harness import Slots, write_project


class Api:
    """A forked server without slots of its own; a test adds slots as it needs them."""

    def __init__(self, root: Path, **config: Any) -> None:
        self.root = root
        self.config = config
        self.key_file = root.parent / "key"
        self.log = root / "api.jsonl"
        self.pid = 0
        self.client = httpx.Client()

    def start(self) -> None:
        self.log.unlink(missing_ok=True)
        self.pid = fork()
        if self.pid == 0:
            try:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_DFL)
                asyncio.run(
                    serve(
                        Project(self.root),
                        ApiConfig(port=0, slots=0, key_file=self.key_file, **self.config),
                        self._tell,
                    )
                )
                os._exit(0)
            except BaseException:  # noqa: BLE001 - the child must not return into the parent's tests
                (self.root / "error-api.txt").write_text(traceback.format_exc())
                os._exit(4)
        end = time.monotonic() + 200
        while not self.log.exists() or not self.log.read_text().endswith("\n"):
            assert time.monotonic() < end
            time.sleep(0.02)
        told = json.loads(self.log.read_text())
        self.url, self.key = told["url"], told["key"]
        self.client = self.client_of(self.key)

    def _tell(self, facts: dict[str, Any]) -> None:
        with self.log.open("a") as file:
            file.write(json.dumps(facts) + "\n")

    def client_of(self, key: str, verify: ssl.SSLContext | bool = True) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, verify=verify)

    def stop(self) -> int:
        """Its exit code after SIGTERM."""
        self.client.close()
        os.kill(self.pid, signal.SIGTERM)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert not (self.root / "error-api.txt").exists(), (self.root / "error-api.txt").read_text()
        return code


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One document, read without vectors."""
    root = tmp_path_factory.mktemp("api") / "project"
    write_project(root)
    (root / "tower.md").write_text("# Tower\n\nThe tower of Aarhus is 40 metres high. <b>Nobody</b> lives there.\n")
    project = Project(root)
    corpus = Corpus.open(project.database, create=True)
    asyncio.run(ingest(corpus, [root / "tower.md"], embedder=None))
    corpus.close()
    return root


@pytest.fixture(scope="module")
def api(root: Path) -> Iterator[Api]:
    api = Api(root)
    api.start()
    yield api
    assert api.stop() == 0


@pytest.fixture
def slot(root: Path) -> Iterator[Slots]:
    """One slot that carries what the API queues."""
    with Slots(root) as slots:
        slots.start()
        yield slots
