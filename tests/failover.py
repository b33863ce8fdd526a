"""Two PostgreSQL servers on loopback with synchronous replication, and the failover from one to the other."""

from __future__ import annotations

import time

from tests.postgresql import Server
from tests.s3 import free_ports

# Settings of both, since each is the primary at times.
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_retrieve_retry_interval": "200ms",
}
_WITHIN_S = 120.0
_STREAMS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '{written}'"


class Pair:
    """A primary and its standby. Like Patroni, a primary without a standby does not wait for one."""

    def __init__(self) -> None:
        self.ports = free_ports(2)
        self.primary, self.standby = (
            Server(empty=number == 0, port=str(port), **_OPTIONS) for number, port in enumerate(self.ports)
        )

    def start(self) -> Pair:
        """Start both; returns when the standby has all that the primary has."""
        self.primary.start()
        self.rejoin()
        return self

    def address(self, database: str) -> str:
        """Return the address of a database by which clients follow a failover."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://postgres@{hosts}/{database}?target_session_attrs=read-write"

    def fail_over(self) -> None:
        """Kill the primary and promote the standby."""
        self.stop()
        self.promote()

    def promote(self) -> float:
        """Make the standby the primary, which is alone then; returns how long that took, in seconds."""
        began = time.monotonic()
        self.standby.execute("SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary
        return time.monotonic() - began

    def rejoin(self) -> None:
        """Make the other server a standby anew; returns when a commit of the primary waits for it."""
        self.standby.kill()
        self.standby.follow(self.primary)
        self.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.execute("SELECT pg_reload_conf()")
        written = self.primary.execute("SELECT pg_current_wal_lsn()")[0][0]
        until = time.monotonic() + _WITHIN_S
        while self.primary.execute(_STREAMS.format(written=written)) != [(1,)]:
            assert time.monotonic() < until, "the standby does not follow"
            time.sleep(0.02)

    def stop(self) -> None:
        """End the primary as a crash does; the standby stays one."""
        self.primary.kill()

    def restart(self) -> None:
        """Start the primary again."""
        self.primary.start()

    def remove(self) -> None:
        """Stop both and delete their folders."""
        self.primary.remove()
        self.standby.remove()
