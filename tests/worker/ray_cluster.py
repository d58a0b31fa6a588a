"""A Ray cluster of two machines, as far as Ray can tell, in a network name space of a test."""

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from tests.worker.network import HUB, Network

SMALL = ("--include-dashboard=false", "--disable-usage-stats", "--object-store-memory=80000000")

# Where Ray knows their ports, a node starts without waiting 15 s at most for these processes of it.
AGENTS = ("dashboard-agent-grpc", "dashboard-agent-listen", "metrics-export", "runtime-env-agent")
PATIENT = """
import time, ray._private.services as services
from ray.scripts.scripts import main
find = services.get_node
def get_node(*asked):  # Ray itself gives up after 30 s, which a busy machine needs
    for _ in range(600):
        try:
            return find(*asked)
        except RuntimeError:
            time.sleep(1)
    return find(*asked)
services.get_node = get_node
main()
"""


class Cluster:
    """A head that carries nothing, and `machines` of one processor each; without any the head has two. Ray listens on every address
    there is: here on those of a network name space."""

    def __init__(self, folder: Path, network: Network, machines: int = 2) -> None:
        self.folder = folder
        self.network = network
        self.ports = 21000
        try:
            said = self._ray(
                "start", "--head", "--port=0", f"--num-cpus={0 if machines else 2}", *SMALL, f"--temp-dir={folder}"
            )
            self.address = re.findall(rf"{re.escape(HUB)}:\d+", said)[0]
            for _ in range(machines):
                self._ray("start", f"--address={self.address}", "--num-cpus=1", *SMALL[1:])
        except BaseException:
            self.stop()
            raise

    def raylets(self) -> list[psutil.Process]:
        """The head's first."""
        found = [process for process in self.processes() if process.name() == "raylet"]
        return sorted(found, key=lambda process: process.create_time())

    def actors(self, kind: str) -> list[psutil.Process]:
        children = [child for raylet in self.raylets() for child in raylet.children(recursive=True)]
        return [child for child in children if kind in " ".join(command_of(child))]

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if any(str(self.folder) in word for word in process.cmdline()):
                    found.append(process)
        return found

    def stop(self) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _ray(self, *words: str) -> str:
        self.ports += len(AGENTS)
        ports = [f"--{agent}-port={self.ports + number}" for number, agent in enumerate(AGENTS)]
        command = [*self.network.inside, sys.executable, "-c", PATIENT, *words, *ports, f"--node-ip-address={HUB}"]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def command_of(process: psutil.Process) -> list[str]:
    """Nothing of a process that has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
