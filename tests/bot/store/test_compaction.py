"""Deletions that come together share a compaction, and compactions leave others most of the time."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.store.compaction import Compactions


async def test_those_who_wait_share_the_next_one() -> None:
    """One that has begun may have missed what was deleted since; one that has not serves all who wait."""
    begun: list[int] = []
    has_begun, gate = asyncio.Event(), asyncio.Event()

    async def compact() -> None:
        begun.append(len(begun))
        has_begun.set()
        await gate.wait()

    compactions = Compactions(compact)
    first = asyncio.create_task(compactions.run())
    await has_begun.wait()
    later = [asyncio.create_task(compactions.run()) for _ in range(5)]
    await asyncio.sleep(0)
    assert begun == [0]
    gate.set()
    await asyncio.gather(first, *later)
    assert begun == [0, 1]


async def test_a_failure_is_told_to_all_who_waited_and_to_nobody_else() -> None:
    """Nobody is told that something is gone when it is not; the next one tries again."""
    faults: list[Exception] = [OSError("full")]

    async def compact() -> None:
        if faults:
            raise faults.pop()

    compactions = Compactions(compact)
    found = await asyncio.gather(compactions.run(), compactions.run(), return_exceptions=True)
    assert [str(each) for each in found] == ["full", "full"]
    await compactions.run()


async def test_a_long_one_is_followed_by_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most a tenth of the time goes into compactions, however many people ask for one."""
    monkeypatch.setattr("bot.store.compaction._PAUSE_FROM_S", 0.01)

    async def compact() -> None:
        await asyncio.sleep(0.02)

    compactions = Compactions(compact)
    await compactions.run()
    began = time.perf_counter()
    await compactions.run()
    assert time.perf_counter() - began >= 9 * 0.02
