"""A real S3 server on loopback (SeaweedFS, one process), and in-memory buckets for quick tests."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import obstore
from obstore.store import MemoryStore, S3Store

from bot.objects.bucket import Bucket

KEYS = {"tutor": ["Admin", "Read", "Write", "List"], "reader": ["Read", "List"]}
"""The access keys that the server knows, each its own secret, and what they may do."""
_STARTED_S = 60.0


def memory_bucket(store: Any | None = None) -> Bucket:
    """Return a bucket in memory; those of one store are the same bucket."""
    return Bucket("s3://tests/memory", store or MemoryStore())


@dataclass
class S3Server:
    """SeaweedFS with S3 over files in a folder; `stop` kills it, and `start` goes on with the same files and port."""

    folder: Path
    ports: list[int] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    volume_megabytes: int = 64
    """Of each of its 30 volumes: when all are full, the server is."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def start(self) -> None:
        self.ports = self.ports or free_ports(8)
        s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc = map(str, self.ports)
        self.folder.mkdir(parents=True, exist_ok=True)
        rights = [
            {"name": key, "credentials": [{"accessKey": key, "secretKey": key}], "actions": actions}
            for key, actions in KEYS.items()
        ]
        (self.folder / "s3.json").write_text(json.dumps({"identities": rights}))
        options = {
            "dir": str(self.folder),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.port": master,
            "master.port.grpc": master_grpc,
            "master.volumeSizeLimitMB": str(self.volume_megabytes),
            "volume.port": volume,
            "volume.port.grpc": volume_grpc,
            "volume.max": "30",
            "volume.preStopSeconds": "0",
            "filer.port": filer,
            "filer.port.grpc": filer_grpc,
            "s3.port": s3,
            "s3.port.grpc": s3_grpc,
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "s3.config": str(self.folder / "s3.json"),
        }
        arguments = [f"-{name}={value}" for name, value in options.items()]
        weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or "weed"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [weed, "server", "-filer", "-s3", *arguments], cwd=self.folder, stdout=log, stderr=log
            )
        self._until_it_answers()

    def stop(self) -> None:
        """Kill the server with SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def store(self, key: str = "tutor", bucket: str = "bucket", prefix: str = "") -> S3Store:
        return S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=self.endpoint,
            access_key_id=key,
            secret_access_key=key,
            region="us-east-1",
            client_options={"allow_http": True, "connect_timeout": "2s"},
            retry_config={"max_retries": 1},
        )

    def environment(self, key: str = "tutor") -> dict[str, str]:
        """Return what a process needs to use the server besides TUTOR_BUCKET and TUTOR_BUCKET_ENDPOINT."""
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": key, "AWS_REGION": "us-east-1"}

    def _until_it_answers(self) -> None:
        ends = time.monotonic() + _STARTED_S
        while True:
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            with suppress(Exception):
                obstore.put(self.store(), "started", b"")  # makes the bucket too
                return
            assert time.monotonic() < ends, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.2)


@contextmanager
def s3_server(folder: Path, volume_megabytes: int = 64) -> Iterator[S3Server]:
    server = S3Server(folder, volume_megabytes=volume_megabytes)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
