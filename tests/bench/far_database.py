"""Stands between a bot and a PostgreSQL server and delays what passes: `python -m tests.bench.far_database SOCKET`.

It prints the port that it listens at on loopback. Each line it reads, the milliseconds of a round trip from now on, it
answers by the number of packets that clients sent since the last one: one for each round trip, as nobody sends
statements ahead.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

_MOST_BYTES = 2**20


class FarDatabase:
    """The process, beside that of the bench: its threads wait for nobody else's."""

    def __init__(self, folder: Path) -> None:
        """Take the folder with the server's socket."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.far_database", str(folder / ".s.PGSQL.5432")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line())

    def set_round_trip(self, ms: float) -> int:
        """Delay from now on; give the round trips since the last call."""
        assert self._process.stdin is not None
        print(ms, file=self._process.stdin, flush=True)
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


class _Delay:
    """The delay of one direction, and what was sent through it to the server."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.sent = 0

    def serve(self, listening: socket.socket, path: str) -> None:
        while True:
            client, _ = listening.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = socket.socket(socket.AF_UNIX)
            server.connect(path)
            for source, target, counted in ((client, server, 1), (server, client, 0)):
                threading.Thread(target=self._pass_on, args=(source, target, counted), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: int) -> None:
        """Pass on what comes; sleeping in a thread is exact to some 0.1 ms, a timer of asyncio only to 1 ms."""
        try:
            while data := source.recv(_MOST_BYTES):
                self.sent += counted
                if self.seconds:
                    time.sleep(self.seconds)
                target.sendall(data)
        except OSError:
            pass  # one end is gone: so is the other
        for each in (source, target):
            each.close()


def _main() -> None:
    delay, listening = _Delay(), socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    threading.Thread(target=delay.serve, args=(listening, sys.argv[1]), daemon=True).start()
    for line in sys.stdin:
        delay.seconds = float(line) / 2000
        print(delay.sent, flush=True)
        delay.sent = 0


if __name__ == "__main__":
    _main()
