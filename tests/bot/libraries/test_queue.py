"""Builds as jobs: real PostgreSQL, real S3, a worker as a process; a bot that asks and one that only looks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.errors import WorkError
from bot.libraries.job_choice import job_runner_of
from bot.libraries.jobs import JobRunner
from bot.libraries.paths import adopt_into, own_folder
from bot.libraries.queue import BuildQueue
from bot.libraries.queued_jobs import QueuedJobs, queued_jobs
from bot.libraries.storage import built, storage_of
from bot.objects.bucket import open_bucket
from bot.observability.events import unobserved
from bot.settings import Settings
from index.generations.manifest import live
from tests.index.fakes import CLAY, SEA, build_texts
from tests.postgresql import Server
from tests.s3 import S3Server, s3_server

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]

# In the place of `tutor index add`: it builds with the fake encoder, slowly enough to be killed, from a checkpoint.
BUILD = """
import json, os, sys, time
from pathlib import Path
data = Path(sys.argv[sys.argv.index("--data") + 1])
folder = data / "servers" / sys.argv[sys.argv.index("--server") + 1] if "--server" in sys.argv else data
assert not [name for name in os.environ if name.startswith("AWS_") or "BUCKET" in name]
if "refuse" in sys.argv:
    print("This cannot be built.", file=sys.stderr)
    raise SystemExit(1)
steps = folder / "encoded"
steps.mkdir(exist_ok=True)
done = len(list(steps.glob("*.npz")))
for number in range(done, 4):
    print(json.dumps({"done": number, "total": 4}), file=sys.stderr, flush=True)
    time.sleep(float(os.environ.get("PYTHON_SLOW", "0.1")))
    (steps / f"{number:06}.npz").write_bytes(b"vectors")
from tests.index.fakes import CLAY, build_texts
texts = [Path(each).read_text() for each in sys.argv if each.endswith(".txt")]
from bot.libraries.storage import Folders
from index.generations import promotion, records
from index.generations.manifest import live
from index.generations.build import build
from index.text.noise import Aliases
from tests.index.fakes import FakeEncoder, document
documents = [document(text, f"{number}.txt") for number, text in enumerate([CLAY, *texts])]
found = build(documents, data=folder, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-02T00:00:00+00:00")
records.record(folder, found.generation, {"exam": {"passed": True, "against": live(folder)}, "by": ""})
print(json.dumps({"generation": found.generation, "resumed": done}))
"""
WORKER = f"""
import sys
import bot.libraries.command
import bot.libraries.build_worker as worker
import bot.libraries.jobs
bot.libraries.command._PROGRAM = {BUILD!r}
bot.libraries.jobs._CHECKPOINT_S = 0.2
worker.HEARTBEAT_S, worker.STALLED_S = 0.3, 1.5
worker.BuildWorker.__init__.__kwdefaults__.update(heartbeat_s=0.3, stalled_s=1.5)
from bot.cli import main
sys.argv = ["tutor", "--no-dotenv", "work"]
main()
"""
SERVER = 7


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    server = Server().start()
    yield server
    server.remove()


class Cluster:
    """One bucket and one database, and the processes that use them."""

    def __init__(self, s3: S3Server, address: str, folder: Path, name: str) -> None:
        self._environment = {
            "TUTOR_DATABASE": address,
            "TUTOR_BUCKET": f"s3://bucket/{name}",
            "TUTOR_BUCKET_ENDPOINT": s3.endpoint,
            **s3.environment(),
        }
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []

    def settings(self, name: str) -> Settings:
        given = {key.removeprefix("TUTOR_").lower(): value for key, value in self._environment.items()}
        return Settings.model_validate({**given, "data": self._folder / name})

    def work(self, name: str, slow_s: float = 0.05) -> subprocess.Popen[bytes]:
        """Start a worker."""
        environment = {**os.environ, **self._environment, "TUTOR_DATA": str(self._folder / name)}
        with (self._folder / f"{name}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", WORKER],
                env={**environment, "PYTHON_SLOW": str(slow_s), "PYTHONPATH": str(Path(__file__).parents[3])},
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker


@pytest.fixture
def cluster(
    s3: S3Server, postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    found = Cluster(s3, postgresql.empty(), tmp_path, request.node.name.replace("[", "-").strip("]"))
    settings = found.settings("bot")
    storage = storage_of(settings)
    built(storage, settings.data, lambda: build_texts(settings.data, CLAY))
    own = own_folder(settings.data, SERVER)
    storage.pull(own)
    storage.change(own, lambda folder: adopt_into(folder, settings.data, at="2026-01-01T00:00:00+00:00"))
    yield found
    for worker in found.workers:
        worker.kill()
        worker.wait()


@asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[QueuedJobs]:
    jobs = queued_jobs(settings, unobserved)
    yield jobs
    await jobs.close()


ADD = ["index", "add", "--server", str(SERVER)]


async def test_a_worker_builds_what_a_bot_asks_for(cluster: Cluster, tmp_path: Path) -> None:
    """Files go there, progress and result come back, the build is in the bucket; a second build of it is refused."""
    cluster.work("worker")
    settings = cluster.settings("bot")
    own, told = own_folder(settings.data, SERVER), []
    (tmp_path / "sea.txt").write_text(SEA)
    async with asking(settings) as jobs, asking(cluster.settings("bot")) as others:

        async def second() -> None:
            await until(lambda: bool(told))
            with pytest.raises(WorkError, match="going on in this library already"):
                await others.run(own, ADD)

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(second())
            row = await jobs.run(own, ADD, lambda *each: told.append(each), files=[str(tmp_path / "sea.txt")])
            await looking
        with pytest.raises(WorkError, match=r"^This cannot be built\.$"):
            await jobs.run(own, [*ADD, "refuse"])
        assert told[-1] == (3, 4) or (0, 4) in told
        storage = storage_of(settings)
        await asyncio.to_thread(storage.pull, own)
        await asyncio.to_thread(storage.fetch, own, row["generation"])
        bucket = open_bucket(settings.bucket or "", settings.bucket_endpoint)
        assert await asyncio.to_thread(bucket.names, "jobs") == [], "files and results are deleted when they are read"
    assert (own / "generations" / row["generation"] / "documents.json").read_text().count("tide") == 2
    assert live(own) != row["generation"]


async def test_a_killed_worker_s_build_is_finished_by_another(cluster: Cluster) -> None:
    """It goes on from the checkpoint that the dead one has uploaded, and the bot that waits gets the result."""
    settings, told = cluster.settings("bot"), []
    first = cluster.work("first", slow_s=1.0)
    own = own_folder(settings.data, SERVER)
    async with asyncio.timeout(60), asking(settings) as jobs, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(jobs.run(own, ADD, lambda *each: told.append(each)))
        await until(lambda: (0, 4) in told)
        cluster.work("second")
        await until(lambda: max(told)[0] >= 2)
        os.killpg(first.pid, signal.SIGKILL)
        row = await waiting
    assert row["resumed"] >= 1, "a step may be done and not uploaded yet"


async def test_a_cancelled_build_ends_in_the_worker(cluster: Cluster) -> None:
    """The person is told at once; the worker stops, and the library is free again."""
    settings = cluster.settings("bot")
    cluster.work("worker", slow_s=5)
    own, told = own_folder(settings.data, SERVER), []
    async with asyncio.timeout(60), asking(settings) as jobs, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(_refused(jobs.run(own, ADD, lambda *each: told.append(each))))
        await until(lambda: (0, 4) in told)
        assert jobs.cancel(own)
        assert "Cancelled" in await waiting
        queue = BuildQueue(settings.database_address or "")
        async with queue.open():
            while await queue.place(1) is not None:  # noqa: ASYNC110 - another process ends it
                await asyncio.sleep(0.05)


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.05)


async def _refused(running: Any) -> str:
    with pytest.raises(WorkError) as refusal:
        await running
    return str(refusal.value)


async def test_a_database_or_a_bucket_alone_builds_in_the_process() -> None:
    """Without both there is no queue: builds run where they are asked for, as in a bot alone."""
    for given in ({}, {"database": "postgresql:///none"}, {"bucket": "s3://bucket"}):
        assert type(job_runner_of(Settings.model_validate(given))) is JobRunner
