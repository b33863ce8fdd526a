"""The async door: questions go through together, nothing hangs, and the event loop stays free."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.answering.engine import AnsweringEngine
from bot.errors import BusyError, LeavingError
from bot.libraries.opening import Library
from bot.libraries.source_text import Place
from bot.settings import Settings
from index.answering.answer import Answer, Asked
from index.errors import GenerationError, ModelError
from tests.index.fakes import CLAY, SEA, build_texts

pytestmark = pytest.mark.asyncio

QUESTIONS = [f"What {word} about {thing}?" for word in CLAY.split()[:8] for thing in ("clay", "tide", "salt", "iron")]


@pytest_asyncio.fixture
async def open_tutor(settings: Settings, small_library: Library) -> AsyncIterator[Callable[..., AnsweringEngine]]:
    """Return a function that makes a tutor; the fixture closes it."""
    tutors: list[AnsweringEngine] = []

    def make(load: Callable[[], Library] | None = None) -> AnsweringEngine:
        tutors.append(AnsweringEngine(settings, load or (lambda: small_library)))
        return tutors[-1]

    yield make
    for tutor in tutors:
        await asyncio.wait_for(tutor.close(), 5)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What went through the library together."""
    seen: list[list[str]] = []
    real = Library.answer

    def watched(library: Library, asked: Sequence[Asked]) -> list[Answer]:
        seen.append([each.text for each in asked])
        if any("explode" in each.text for each in asked):
            raise RuntimeError("a bang")
        return real(library, asked)

    monkeypatch.setattr(Library, "answer", watched)
    return seen


def comparable(answer: Answer) -> Any:
    return (
        answer.question,
        answer.understood,
        answer.outcome,
        round(answer.confidence, 4),
        [quote.text for quote in answer.quotes],
    )


async def test_many_at_once_go_through_together(
    open_tutor: Callable[..., AnsweringEngine], small_library: Library, batches: list[list[str]]
) -> None:
    """32 questions at once need few passes, and each gets the answer it would get alone."""
    tutor = open_tutor()
    answers = await asyncio.gather(*(tutor.ask(question) for question in QUESTIONS))
    assert sorted(question for batch in batches for question in batch) == sorted(QUESTIONS)
    assert len(batches) <= 3
    assert all(len(batch) <= 32 for batch in batches)
    for question, found in zip(QUESTIONS, answers, strict=True):
        alone = small_library.answer([Asked(question)])[0]
        assert comparable(found) == comparable(alone)


async def test_questions_gather_while_the_worker_is_busy(
    open_tutor: Callable[..., AnsweringEngine], batches: list[list[str]]
) -> None:
    """What comes while a batch is answered goes in the next one; 100 questions need at most 32 a pass."""
    tutor = open_tutor()
    await tutor.ask("What does clay remember?")
    batches.clear()
    await asyncio.gather(*(tutor.ask(f"What about {number}?") for number in range(100)))
    assert [len(batch) for batch in batches] == [32, 32, 32, 4]


async def test_too_many_are_refused_at_once(open_tutor: Callable[..., AnsweringEngine], small_library: Library) -> None:
    """While 200 wait, the next one hears so at once; all that wait are answered, and then there is room again."""
    go = threading.Event()

    def load() -> Library:
        go.wait(10)
        return small_library

    tutor = open_tutor(load)
    waiting = [asyncio.create_task(tutor.ask(f"What about {number}?")) for number in range(200)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await asyncio.wait_for(tutor.ask("What does clay remember?"), 1)
    go.set()
    assert len(await asyncio.gather(*waiting)) == 200
    assert (await tutor.ask("What does clay remember?")).quotes


async def test_it_answers_before_it_leaves(open_tutor: Callable[..., AnsweringEngine]) -> None:
    """Whoever waits when the end is wanted is answered; whoever asks afterwards is told."""
    tutor = open_tutor()
    await tutor.ask("What does clay remember?")
    waiting = [asyncio.create_task(tutor.ask(f"What about {number}?")) for number in range(40)]
    await asyncio.sleep(0)
    await tutor.finish(within_s=10)
    assert all(found.question for found in await asyncio.gather(*waiting))
    with pytest.raises(LeavingError):
        await tutor.ask("What does clay remember?")


async def test_it_leaves_in_time(open_tutor: Callable[..., AnsweringEngine], small_library: Library) -> None:
    """What cannot be answered before the end is told so: no asker is left waiting."""
    go = threading.Event()

    def load() -> Library:
        go.wait(10)
        return small_library

    tutor = open_tutor(load)
    waiting = asyncio.create_task(tutor.ask("What does clay remember?"))
    await asyncio.sleep(0)
    await tutor.finish(within_s=10)
    with pytest.raises(LeavingError):
        await asyncio.wait_for(waiting, 1)
    go.set()


async def test_history_goes_with_its_question(open_tutor: Callable[..., AnsweringEngine]) -> None:
    """Two people's follow-ups in one batch lean each on their own earlier question."""
    tutor = open_tutor()
    first, second = await asyncio.gather(
        tutor.ask("Why?", ["What does clay remember?"]), tutor.ask("Why?", ["Who ignores the tide?"])
    )
    assert "clay" in first.understood
    assert "tide" in second.understood


async def test_a_failure_reaches_its_askers_and_no_others(
    open_tutor: Callable[..., AnsweringEngine], batches: list[list[str]]
) -> None:
    """An exception in a batch is raised to everybody in it, and the next question works."""
    tutor = open_tutor()
    await tutor.ask("What does clay remember?")
    results = await asyncio.gather(*(tutor.ask(f"explode {n}") for n in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [RuntimeError] * 3
    assert (await tutor.ask("What does clay remember?")).quotes


async def test_an_asker_who_leaves_does_not_matter_to_the_others(open_tutor: Callable[..., AnsweringEngine]) -> None:
    """A cancelled question is forgotten; its neighbours in the batch are answered."""
    tutor = open_tutor()
    tasks = [asyncio.create_task(tutor.ask(question)) for question in QUESTIONS[:4]]
    await asyncio.sleep(0)
    tasks[1].cancel()
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert isinstance(results[1], asyncio.CancelledError)
    assert [result.question for n, result in enumerate(results) if n != 1] == [QUESTIONS[n] for n in (0, 2, 3)]


async def test_a_question_waits_for_the_loading(
    open_tutor: Callable[..., AnsweringEngine], small_library: Library
) -> None:
    """Start returns at once; questions asked meanwhile are answered when the library is open."""
    opened = threading.Event()

    def slowly() -> Library:
        assert opened.wait(5)
        return small_library

    tutor = open_tutor(slowly)
    began = time.perf_counter()
    tutor.start()
    tutor.start()
    assert time.perf_counter() - began < 0.1
    asked = [asyncio.create_task(tutor.ask(question)) for question in QUESTIONS[:5]]
    await asyncio.sleep(0.05)
    assert not tutor.ready
    assert not any(task.done() for task in asked)
    opened.set()
    answers = await asyncio.wait_for(asyncio.gather(*asked), 5)
    assert tutor.ready
    assert [found.question for found in answers] == QUESTIONS[:5]


async def test_loading_happens_once_and_off_the_event_loop(
    open_tutor: Callable[..., AnsweringEngine], small_library: Library
) -> None:
    """However many ask, the library is opened once, in the worker's thread."""
    threads: list[str] = []

    def load() -> Library:
        threads.append(threading.current_thread().name)
        return small_library

    tutor = open_tutor(load)
    await asyncio.gather(*(tutor.ask(question) for question in QUESTIONS[:5]))
    assert len(threads) == 1
    assert threads[0] != threading.main_thread().name


async def test_a_failed_load_is_told_and_tried_again(
    open_tutor: Callable[..., AnsweringEngine], small_library: Library
) -> None:
    """Whoever waits hears why; when it is mended, the next question is answered."""
    faults = [ModelError("the model sulks"), GenerationError("the index sulks")]

    def load() -> Library:
        if faults:
            raise faults.pop(0)
        return small_library

    tutor = open_tutor(load)
    tutor.start()
    results = await asyncio.gather(tutor.ask("What?"), tutor.ask("Who?"), return_exceptions=True)
    assert [str(result) for result in results] == ["the model sulks"] * 2
    assert not tutor.ready
    with pytest.raises(GenerationError, match="the index sulks"):
        await tutor.ask("What does clay remember?")
    assert (await tutor.ask("What does clay remember?")).quotes
    assert tutor.ready


async def test_the_event_loop_is_free_meanwhile(
    open_tutor: Callable[..., AnsweringEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the library works, the loop goes on turning."""
    real = Library.answer

    def slow(*given: Any) -> list[Answer]:
        time.sleep(0.2)
        return real(*given)

    monkeypatch.setattr(Library, "answer", slow)
    tutor = open_tutor()
    asked = asyncio.create_task(tutor.ask("What does clay remember?"))
    turns = 0
    while not asked.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 15


@pytest.mark.parametrize("moment", ["loading", "answering", "waiting"])
async def test_closing_leaves_nothing_hanging(
    moment: str, settings: Settings, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the tutor is doing when it is closed, every asker is let go and no task is left."""
    release = threading.Event()

    def load() -> Library:
        if moment == "loading":
            release.wait(5)
        return small_library

    def stuck(*given: Any) -> list[Answer]:
        release.wait(5)
        return []

    monkeypatch.setattr(Library, "answer", stuck)
    tutor = AnsweringEngine(settings, load)
    count = 40 if moment == "waiting" else 3
    asked = [asyncio.create_task(tutor.ask(f"question {n}")) for n in range(count)]
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(tutor.close())
    await asyncio.sleep(0.05)
    release.set()
    await asyncio.wait_for(closing, 5)
    results = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("library")]


async def test_closing_what_was_never_started(settings: Settings) -> None:
    """A tutor that did nothing can be closed, twice even."""
    tutor = AnsweringEngine(settings)
    await asyncio.wait_for(tutor.close(), 5)
    await asyncio.wait_for(tutor.close(), 5)
    assert not tutor.ready


async def test_a_question_after_the_end_does_not_hang(settings: Settings, small_library: Library) -> None:
    """Asking a closed tutor fails at once."""
    tutor = AnsweringEngine(settings, lambda: small_library)
    await tutor.ask("What does clay remember?")
    await tutor.close()
    with pytest.raises((RuntimeError, asyncio.CancelledError)):
        await asyncio.wait_for(tutor.ask("What does clay remember?"), 5)


class Unopened:
    """A library that must not be opened."""

    def __call__(self) -> Library:
        raise AssertionError("no model is needed to read stored text")


@pytest.fixture
def place(small_library: Library) -> Place:
    start = CLAY.index("Glass forgets")
    return Place(small_library.generation.id, "a.txt", start, start + len("Glass forgets the fire at once."))


async def test_context_without_a_model(open_tutor: Callable[..., AnsweringEngine], place: Place) -> None:
    """A quote is shown in its paragraph, with its neighbours in the document and with none outside it."""
    tutor = open_tutor(Unopened())
    found = await tutor.context(place)
    assert found.text == CLAY.split("\n\n")[1]
    assert found.text[found.quote_start : found.quote_end] == "Glass forgets the fire at once."
    assert found.after == CLAY.split("\n\n")[2]
    assert found.before == ""
    assert (found.heading, found.document) == ("The potter's book", "a.txt")
    last = CLAY.index("Iron rusts")
    assert (await tutor.context(dataclasses.replace(place, start=last, end=len(CLAY)))).after == ""
    assert not tutor.ready


async def test_quotes_without_a_model(open_tutor: Callable[..., AnsweringEngine], place: Place) -> None:
    """Places are quoted again, in order, as they stand in their document."""
    other = dataclasses.replace(place, document="b.txt", start=SEA.index("Salt"), end=SEA.index("Salt") + 29)
    found = await open_tutor(Unopened()).quotes([other, place])
    assert [quote.text for quote in found] == [SEA[other.start : other.end], "Glass forgets the fire at once."]
    assert found[1].sha256 == hashlib.sha256(found[1].text.encode()).hexdigest()


async def test_verifying_reads_the_disk_again(
    open_tutor: Callable[..., AnsweringEngine], place: Place, settings: Settings
) -> None:
    """A quote matches its hash, or the front of it; a document changed on the disk since does not."""
    tutor = open_tutor(Unopened())
    expected = hashlib.sha256(b"Glass forgets the fire at once.").hexdigest()
    for given in (expected, expected[:16]):
        found = await tutor.verify(place, given)
        assert found.matches
        assert (found.text, found.found_sha256) == ("Glass forgets the fire at once.", expected)
        assert found.document_sha256 == hashlib.sha256(CLAY.encode()).hexdigest()
    assert not (await tutor.verify(place, "0" * 16)).matches
    file = settings.data / "generations" / place.generation / "documents.json"
    file.write_text(file.read_text(encoding="utf-8").replace("Glass forgets", "Glass forgave"), encoding="utf-8")
    found = await tutor.verify(place, expected)
    assert not found.matches
    assert found.text == "Glass forgave the fire at once."


async def test_places_that_are_gone(
    open_tutor: Callable[..., AnsweringEngine], place: Place, settings: Settings
) -> None:
    """A place outside the library or in a generation that is gone is refused with a sentence."""
    tutor = open_tutor(Unopened())
    gone = [
        dataclasses.replace(place, generation="ffffffffffff"),
        dataclasses.replace(place, document="c.txt"),
        dataclasses.replace(place, start=10**6, end=10**6 + 5),
    ]
    for each in gone:
        for call in (tutor.context(each), tutor.quotes([each])):
            with pytest.raises(GenerationError):
                await call
    shutil.rmtree(settings.data / "generations")
    with pytest.raises(GenerationError):
        await tutor.verify(place, "")


async def test_the_library_tells_what_it_holds(
    open_tutor: Callable[..., AnsweringEngine], small_library: Library
) -> None:
    """Documents, passages and model are those of the live generation."""
    found = await open_tutor(Unopened()).library_status()
    assert (found.generation, found.model, found.dimension) == (small_library.generation.id, "fake", 32)
    assert [(each.id, each.characters) for each in found.documents] == [("a.txt", len(CLAY)), ("b.txt", len(SEA))]
    assert sum(each.passages for each in found.documents) == found.passages == 5
    assert found.built_at.isoformat() == "2026-01-01T00:00:00+00:00"


async def test_an_empty_library_says_so(tmp_path: Path) -> None:
    """Where nothing was built, the sentence says how to build it."""
    settings = Settings(_env_file=None, data=tmp_path / "none")
    tutor = AnsweringEngine(settings, Unopened())
    with pytest.raises(GenerationError, match="tutor index build"):
        await tutor.library_status()
    assert not settings.data.exists()
    await tutor.close()


async def test_a_new_generation_is_taken_up_while_running(
    open_tutor: Callable[..., AnsweringEngine], settings: Settings
) -> None:
    """What was built while the bot runs answers its questions, without a restart."""
    tutor = open_tutor()
    before = await tutor.ask("What does the harvest bring?")
    report = build_texts(settings.data, CLAY, SEA, "The harvest brings barley to every door in the valley.")
    await tutor.renew()
    after = await tutor.ask("What does the harvest bring?")
    assert before.generation != after.generation == report.generation
    assert after.quotes[0].text == "The harvest brings barley to every door in the valley."


async def test_a_new_generation_that_cannot_be_read_changes_nothing(
    open_tutor: Callable[..., AnsweringEngine], settings: Settings
) -> None:
    """When what went live is damaged, the generation in use answers on."""
    tutor = open_tutor()
    before = await tutor.ask(QUESTIONS[0])
    (settings.data / "live").write_text("0123456789ab\n", encoding="utf-8")
    assert (await tutor.ask(QUESTIONS[0])).generation == before.generation
