"""Builds as jobs: real PostgreSQL, real S3, a worker as a process; a bot that asks and one that only looks."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.errors import WorkError
from bot.libraries.job_choice import job_runner_of
from bot.libraries.jobs import JobRunner
from bot.libraries.paths import own_folder
from bot.libraries.queued_jobs import QueuedJobs, queued_jobs
from bot.libraries.storage import storage_of
from bot.objects.bucket import open_bucket
from bot.observability.events import unobserved
from bot.settings import Settings
from index.generations.manifest import live
from tests.cluster import ADD, SERVER, Cluster
from tests.index.fakes import SEA
from tests.postgresql import Server
from tests.s3 import S3Server, s3_server

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    server = Server().start()
    yield server
    server.remove()


@pytest.fixture
def cluster(
    s3: S3Server, postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    found = Cluster(s3, postgresql.empty(), tmp_path, request.node.name.replace("[", "-").strip("]"))
    found.make_libraries()
    yield found
    found.stop()


@asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[QueuedJobs]:
    jobs = queued_jobs(settings, unobserved)
    try:
        yield jobs
    finally:
        await jobs.close()


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
    """The person is told at once, whichever process is asked; the worker stops, and the library is free again."""
    settings = cluster.settings("bot")
    cluster.work("worker", slow_s=5)
    own, told = own_folder(settings.data, SERVER), []
    async with (
        asyncio.timeout(60),
        asking(settings) as jobs,
        asking(settings) as elsewhere,
        asyncio.TaskGroup() as tasks,
    ):
        for asked in (jobs, elsewhere):
            told.clear()
            waiting = tasks.create_task(_refused(jobs.run(own, ADD, lambda *each: told.append(each))))
            await until(lambda: any(total for _, total in told))
            assert await asked.cancel(own)
            assert "Cancelled" in await waiting
            while await jobs.is_busy(own):  # noqa: ASYNC110 - another process ends it
                await asyncio.sleep(0.05)


async def test_what_was_queued_before_a_restart_is_known_and_cancelled(cluster: Cluster) -> None:
    """The next process of the bot finds the job in the queue, and only its own button and the command cancel it."""
    settings = cluster.settings("bot")
    own = own_folder(settings.data, SERVER)
    async with asyncio.timeout(60), asking(settings) as after, asyncio.TaskGroup() as tasks:
        async with asking(settings) as before:
            waiting = tasks.create_task(_refused(before.run(own, ADD)))
            while not await after.is_busy(own):  # noqa: ASYNC110 - the job is on its way
                await asyncio.sleep(0.05)
            job = before.job(own)
            assert job is not None
        assert "The build goes on" in await waiting
        assert not await after.cancel(own, "0" * 8)
        assert await after.cancel(own, job.id)
        assert not await after.is_busy(own)
        assert not await after.cancel(own, job.id)


async def test_a_worker_outlives_a_restart_of_the_database(cluster: Cluster, postgresql: Server) -> None:
    """A build that runs meanwhile is finished and its result found; the worker takes the next one."""
    settings, told = cluster.settings("bot"), []
    cluster.work("worker", slow_s=0.8)
    own = own_folder(settings.data, SERVER)
    async with asyncio.timeout(90), asking(settings) as jobs, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(jobs.run(own, ADD, lambda *each: told.append(each)))
        await until(lambda: (0, 4) in told)
        listening = "SELECT query FROM pg_stat_activity WHERE query ILIKE 'listen%procrastinate%'"
        assert not postgresql.execute(listening), "the end of this connection would end the worker"
        await asyncio.to_thread(postgresql.stop, at_once=True)
        with pytest.raises(WorkError, match="cannot reach the queue"):
            async with asking(settings) as others:
                await others.run(own, ADD)
        await asyncio.sleep(1)
        await asyncio.to_thread(postgresql.start)
        assert (await waiting)["generation"]
        while "going on" in (refusal := await _refused(jobs.run(own, [*ADD, "refuse"]))):  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # the first job is still to be found without a worker, and finished
        assert refusal == "This cannot be built."


async def test_what_a_later_version_says_harms_no_earlier_one(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """A job with an argument more is refused in a sentence, strange notices are passed over, and the next job works."""
    settings, told = cluster.settings("bot"), []
    own = own_folder(settings.data, SERVER)
    cluster.work("worker")
    async with asyncio.timeout(60), asking(settings) as jobs:
        put = jobs._build_queue.put

        async def put_more(lock: str, **given: Any) -> int:
            return await put(lock, **given, later=True)

        jobs._build_queue.put = put_more  # type: ignore[method-assign]
        assert "I am being updated" in await _refused(jobs.run(own, ADD))
        jobs._build_queue.put = put  # type: ignore[method-assign]
        for payload in ("[]", "5", '{"job": 1, "total": null}', '"text"'):
            await jobs._build_queue.app.connector.execute_query_async(
                "SELECT pg_notify('tutor_builds', %(payload)s)", payload=payload
            )
        assert (await jobs.run(own, ADD, lambda *each: told.append(each)))["generation"]
    assert told


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
