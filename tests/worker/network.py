"""Hosts of a test: each has a network, a host name and processes of its own; a link that a test cuts leads to the hub."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.postgres import NOBODY

HUB = "10.77.0.1"  # where the database listens; nothing of this reaches the machine's own network
REASON = "this machine lets no test make network name spaces (root on Linux may, with iproute2 and util-linux)"


def can_be_made() -> bool:
    """Tries it: a container may have the programs and not the right."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "unshare", "nsenter"))):
        return False
    try:
        with Network("probe"):
            return True
    except subprocess.CalledProcessError:
        return False


class Network:
    """`hosts` by name; from entering to leaving."""

    def __init__(self, *hosts: str) -> None:
        self.mark = f"af{secrets.token_hex(3)}"
        self.hosts = hosts
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            _ip("netns", "add", self.mark)
            _ip("-n", self.mark, "link", "add", "hub", "type", "bridge")
            _ip("-n", self.mark, "addr", "add", f"{HUB}/24", "dev", "hub")
            _ip("-n", self.mark, "link", "set", "hub", "up")
            _ip("-n", self.mark, "link", "set", "lo", "up")
            for number, host in enumerate(self.hosts, 2):
                inside = f"{self.mark}-{host}"
                _ip("netns", "add", inside)
                _ip("-n", self.mark, "link", "add", host, "type", "veth", "peer", "name", "out", "netns", inside)
                _ip("-n", self.mark, "link", "set", host, "master", "hub", "up")
                _ip("-n", inside, "addr", "add", f"10.77.0.{number}/24", "dev", "out")
                _ip("-n", inside, "link", "set", "out", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        for name in (*(f"{self.mark}-{host}" for host in self.hosts), self.mark):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    @property
    def inside(self) -> list[str]:
        """Before a command: it runs at the hub."""
        return ["ip", "netns", "exec", self.mark]

    @property
    def hub(self) -> list[str]:
        """As `inside`, for a user without rights."""
        return ["nsenter", f"--net=/run/netns/{self.mark}", f"--setuid={NOBODY}", f"--setgid={NOBODY}", "--"]

    def start(self, host: str, command: Sequence[str], environment: Mapping[str, str], output: Path) -> None:
        """A process of the host; it dies with this test."""
        apart = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        named = ["sh", "-c", f'hostname {host}; exec "$@"', "sh", *command]
        with output.open("ab") as file:
            self.processes.append(
                subprocess.Popen(
                    ["ip", "netns", "exec", f"{self.mark}-{host}", *apart, *named],
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    env={**os.environ, **environment},
                )
            )

    def cut(self, host: str) -> None:
        """No packet passes, and nobody is told: what was sent is waited for."""
        _ip("-n", self.mark, "link", "set", host, "down")

    def mend(self, host: str) -> None:
        _ip("-n", self.mark, "link", "set", host, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
