"""Between a client and a Postgres server: counts round trips, and breaks off at the worst moment."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.postgres import Server


class Wire:
    """Stands between client and server, and cuts every connection at the next COMMIT, before or after it is handed on."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = str(server.folder / ".s.PGSQL.5432")
        self.folder = folder
        self.cut = ""  # before, after
        self.asked = 0  # how often the client asked after it was answered: round trips
        self.answered = True
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / ".s.PGSQL.5432"))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        try:
            while data := source.recv(65536):
                if asks and self.answered:
                    self.asked += 1
                self.answered = not asks
                cut = self.cut if asks and b"COMMIT" in data else ""
                if cut:
                    self.cut = ""
                if cut == "after":
                    source.shutdown(socket.SHUT_RDWR)
                if cut != "before":
                    target.sendall(data)
                if cut:
                    time.sleep(0.2)  # the server has committed, or never hears of it
                    break
        except OSError:
            pass
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
