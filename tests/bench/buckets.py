"""Libraries in a bucket on a real S3 server: publishing, fetching, a race of processes, a killed worker, an outage."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.engine import AnsweringEngine
from bot.libraries.bucket import BucketStorage
from bot.libraries.cache import bytes_of
from bot.libraries.opening import Library
from bot.libraries.paths import own_folder
from bot.libraries.queued_jobs import queued_jobs
from bot.libraries.storage import storage_of
from bot.objects.bucket import open_bucket
from bot.observability.events import unobserved
from bot.settings import Settings
from index.generations.generation import load
from index.generations.manifest import live
from index.generations.promotion import history
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row
from tests.cluster import ADD, SERVER, Cluster
from tests.index.fakes import CLAY, FakeEncoder, build_texts
from tests.postgresql import Server
from tests.s3 import S3Server, s3_server

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMES = 10
_STEP_S = 4.0  # of the build that is killed: long enough for a second worker to start meanwhile
_ROUNDS, _PROCESSES = 20, 4
_AWAY_S = 30
_QUESTIONS_A_SECOND = 5
# Each process of the race builds on what is live and promotes at the same time as the others.
_RACER = """
import sys, time
from pathlib import Path
from bot.libraries.bucket import BucketStorage
from bot.objects.bucket import open_bucket
from index.errors import ExamError
from index.generations import promotion, records
from index.generations.manifest import live
from tests.index.fakes import CLAY, FakeEncoder, document
from index.generations.build import build
from index.text.noise import Aliases
data, url, endpoint, name, rounds = Path(sys.argv[1]), *sys.argv[2:5], int(sys.argv[5])
storage = BucketStorage(data, open_bucket(url, endpoint), cache_bytes=10**9)
for number in range(rounds):
    assert sys.stdin.readline()
    storage.begin_build(data)
    text = f"Round {number} of process {name}. Clay remembers the hand that shaped it."
    found = build([document(text)], data=data, encoder=FakeEncoder(), aliases=Aliases({}),
                  built_at="2026-01-02T00:00:00+00:00").generation
    records.record(data, found, {"exam": {"passed": True, "against": live(data)}, "by": ""})
    storage.publish(data)
    print("built", flush=True)
    assert sys.stdin.readline()
    try:
        storage.change(data, lambda folder: promotion.promote_examined(folder, found, at=f"{time.time()}"))
        print("won", flush=True)
    except ExamError:
        print("refused", flush=True)
"""


def rows() -> Iterator[Row]:
    """Measure in a folder of its own, with SeaweedFS on loopback and the files of the essay."""
    place = (folder() / "buckets").resolve()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with s3_server(place / "s3") as s3:
        os.environ.update(s3.environment())
        yield from _essay(place, s3)
        yield from _race(place, s3)
        with _postgresql() as server:
            yield from _killed(Cluster(s3, server.empty(), place / "cluster", "cluster"))
        yield from _away(place, s3)


def _essay(place: Path, s3: S3Server) -> Iterator[Row]:
    """Publish the library of the essay and fetch it into an empty folder, some times; medians."""
    essay = essay_settings().data
    name = live(essay)
    assert name is not None
    times = [_published(place, essay, name, f"essay{number}", s3) for number in range(_TIMES)]
    published, fetched, looked = zip(*times, strict=True)
    size = bytes_of(essay / "generations" / name)
    files = len([each for each in (essay / "generations" / name).rglob("*") if each.is_file()])
    yield Row("the essay's generation", f"{files} files, {size / 1000:.0f} KB")
    yield Row("publish it (median)", f"{1000 * np.median(published):.0f} ms")
    yield Row("fetch it into an empty folder, every file checked", f"{1000 * np.median(fetched):.0f} ms")
    yield Row("look whether it has changed", f"{1000 * np.median(looked):.1f} ms")


def _published(place: Path, essay: Path, name: str, key: str, s3: S3Server) -> tuple[float, float, float]:
    """Return the seconds to publish a copy of the essay, to fetch it elsewhere, and to look for a change."""
    bucket = open_bucket(f"s3://bucket/{key}", s3.endpoint)
    source, empty = place / f"{key}-source", place / f"{key}-empty"
    source.mkdir()
    for each in ("live", "history.json", "golden.json", "exams"):
        _copy(essay / each, source / each)
    _copy(essay / "generations" / name, source / "generations" / name)
    published = _seconds(lambda: BucketStorage(source, bucket, cache_bytes=10**9).pull(source))
    storage = BucketStorage(empty, bucket, cache_bytes=10**9)
    fetched, looked = (_seconds(lambda: storage.pull(empty)) for _ in range(2))
    assert load(empty, name).id == name
    return published, fetched, looked


def _race(place: Path, s3: S3Server) -> Iterator[Row]:
    """Let processes promote what they built on one generation, all at once, in rounds."""
    url = "s3://bucket/race"
    first = BucketStorage(place / "race", open_bucket(url, s3.endpoint), cache_bytes=10**9)
    build_texts(place / "race", CLAY)
    first.pull(place / "race")
    racers = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _RACER, place / f"race{n}", url, s3.endpoint, str(n), str(_ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for n in range(_PROCESSES)
    ]
    winners = []
    for _ in range(_ROUNDS):
        _told(racers)
        winners.append(_told(racers).count("won"))
    for racer in racers:
        racer.wait(60)
    first.pull(place / "race")
    kept = len(history(place / "race"))
    alone = sum(each == 1 for each in winners)
    yield Row(
        f"{_PROCESSES} processes promote at once, {_ROUNDS} times: exactly one wins",
        f"{alone} of {_ROUNDS}",
        "all",
        alone == _ROUNDS,
    )
    yield Row("promotions lost in the history", str(_ROUNDS + 1 - kept), "0", kept == _ROUNDS + 1)


def _told(racers: list[subprocess.Popen[str]]) -> list[str]:
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    return [(racer.stdout.readline() if racer.stdout is not None else "").strip() for racer in racers]


def _killed(cluster: Cluster) -> Iterator[Row]:
    """Kill the worker of a build of four steps in its third; another one waits beside it."""
    settings, told = cluster.make_libraries(), []

    async def measured() -> tuple[float, float, int]:
        jobs = queued_jobs(settings, unobserved)
        first = cluster.work("first", slow_s=_STEP_S)
        running = asyncio.create_task(jobs.run(own_folder(settings.data, SERVER), ADD, lambda *each: told.append(each)))
        while not told:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)
        cluster.work("second", slow_s=1.0)
        while max(told)[0] < 2 or not cluster.is_ready("second"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        os.killpg(first.pid, signal.SIGKILL)
        began, said = time.perf_counter(), len(told)
        while len(told) == said:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        taken_up = time.perf_counter() - began
        row = await asyncio.wait_for(running, 120)
        seconds = time.perf_counter() - began
        await jobs.close()
        return taken_up, seconds, row["resumed"]

    try:
        taken_up, seconds, resumed = asyncio.run(measured())
    finally:
        cluster.stop()
    yield Row(
        "a worker killed in a build of 4 steps (dead after 1.5 s of silence): another takes it up, and finishes it",
        f"{taken_up:.1f} s, {seconds:.1f} s ({4 - resumed} steps of 1 s left)",
        "finished",
        resumed > 0,
    )


def _away(place: Path, s3: S3Server) -> Iterator[Row]:
    """Kill the server for some seconds under questions; then promote, and see that it arrives."""
    settings = Settings.model_validate(
        {"data": place / "away", "bucket": "s3://bucket/away", "bucket_endpoint": s3.endpoint}
    )
    first = build_texts(settings.data, CLAY).generation
    storage = storage_of(settings)
    storage.pull(settings.data)

    async def measured() -> tuple[int, int, float, float]:
        engine = AnsweringEngine(settings, load=lambda: Library(load(settings.data, first), FakeEncoder()))
        await engine.ask("What does clay remember?")
        await asyncio.to_thread(s3.stop)
        answered, asked, worst = 0, 0, 0.0
        ends = time.monotonic() + _AWAY_S
        while time.monotonic() < ends:
            began, asked = time.perf_counter(), asked + 1
            answered += bool((await engine.ask("What does clay remember?")).quotes)
            worst = max(worst, time.perf_counter() - began)
            await asyncio.sleep(1 / _QUESTIONS_A_SECOND)
        await asyncio.to_thread(s3.start)
        back = time.perf_counter()
        other = BucketStorage(place / "other", open_bucket(settings.bucket or "", s3.endpoint), cache_bytes=10**9)
        await asyncio.to_thread(other.begin_build, place / "other")
        new = await asyncio.to_thread(lambda: build_texts(place / "other", CLAY, "It is back. Back it is.").generation)
        await asyncio.to_thread(other.publish, place / "other")
        promoted = time.perf_counter()
        while (await engine.ask("What does clay remember?")).generation != new:
            assert time.perf_counter() - back < 60
            await asyncio.sleep(0.05)
        seen = time.perf_counter() - promoted
        await engine.close()
        return answered, asked, worst, seen

    answered, asked, worst, seen = asyncio.run(measured())
    yield Row(f"bucket away for {_AWAY_S} s: questions answered", f"{answered} of {asked}", "all", answered == asked)
    yield Row("the longest answer meanwhile", f"{1000 * worst:.0f} ms")
    yield Row("back again: another process's promotion answers after", f"{seen:.1f} s", "5 s", seen <= 5)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy2(source, target)


def _seconds(work: object) -> float:
    assert callable(work)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _postgresql() -> Iterator[Server]:
    server = Server().start()
    try:
        yield server
    finally:
        server.remove()
