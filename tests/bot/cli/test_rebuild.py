"""A library is changed from the terminal: added to, taken from, held back, promoted, taken back."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.libraries.paths import adopt, own_folder
from bot.quiz.review import State
from bot.store import drafts
from bot.store.database import Store
from index.generations.lock import building
from tests.bot.cli.terminal import Done, Tutor, built, documents, tutor  # noqa: F401  # fixtures
from tests.index.fakes import CLAY

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEES = "Bees winter as a ball around their queen. They keep it warm with their wings."
GOLDEN = {"answerable": [{"question": "What forgets the fire?", "gold": ["Glass forgets the fire"]}]}


@pytest.fixture
def bees(tmp_path: Path) -> Path:
    file = tmp_path / "bees.txt"
    file.write_text(BEES, encoding="utf-8")
    return file


def row(done: Done) -> Any:
    return json.loads(done.out)


def ids(tutor: Tutor, *options: object) -> list[str]:
    return [each["id"] for each in row(tutor("index", "status", "--json", *options))["documents"]]


def test_a_document_is_added_replaced_and_removed(built: Tutor, bees: Path) -> None:
    """What is there stays and is not encoded again; the same name is a new version."""
    added = row(built("index", "add", bees, "--json"))
    assert (added["encoded"], added["reused"], added["live"]) == (1, 5, True)
    assert added["changes"]["documents_added"] == ["bees.txt"]
    bees.write_text(BEES.replace("ball", "heap"), encoding="utf-8")
    changed = built("index", "add", bees)
    assert "changed: bees.txt" in changed.out
    assert ids(built) == ["clay.txt", "sea.md", "bees.txt"]
    assert "removed: clay.txt" in built("index", "remove", "clay.txt").out
    assert ids(built) == ["sea.md", "bees.txt"]
    for command in (["remove", "nowhere.txt"], ["remove", "sea.md", "bees.txt"], ["add", "nowhere.txt"]):
        assert built("index", *command).refusal
    assert ids(built) == ["sea.md", "bees.txt"]


def test_the_same_documents_are_built_anew(built: Tutor, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh takes the texts from the library, not from files that may be gone; another model encodes all."""
    for file in documents.iterdir():
        file.unlink()
    same = row(built("index", "refresh", "--json"))
    assert (same["encoded"], same["exam"], same["live"]) == (0, None, True)
    from tests.index.fakes import FakeEncoder

    monkeypatch.setattr("bot.libraries.opening.load_encoder", lambda settings, *_: FakeEncoder("other"))
    other = row(built("index", "refresh", "--json"))
    assert (other["encoded"], other["live"]) == (5, True)
    assert built("ask", "What does clay remember?").code == 0


def test_a_build_is_held_promoted_or_discarded(built: Tutor, bees: Path) -> None:
    """What is held is not live until it is promoted; what is discarded is gone."""
    before = row(built("index", "status", "--json"))["generation"]
    held = row(built("index", "add", bees, "--json", "--hold"))
    assert not held["live"]
    assert row(built("index", "status", "--json"))["generation"] == before
    assert built("index", "promote", held["generation"]).out == held["generation"] + "\n"
    assert "bees.txt" in ids(built)
    assert built("index", "rollback").out == before + "\n"
    assert built("index", "discard", held["generation"]).code == 0
    assert held["generation"] not in built("index", "list").out
    assert built("index", "discard", before).refusal
    assert built("index", "promote", held["generation"]).refusal


def test_a_language_that_the_model_does_not_read_is_named(tutor: Tutor, tmp_path: Path) -> None:
    """A build says which documents are found by their words alone, and which model would read them."""
    (tmp_path / "bees.txt").write_text("Пчёлы живут в ульях и собирают нектар с цветов.", encoding="utf-8")
    done = tutor("index", "build", tmp_path / "bees.txt")
    assert "Documents in Russian are found by their words alone" in done.out
    assert "TUTOR_MODEL=sentence-transformers/paraphrase-multilingual" in done.out


def test_a_failing_exam_holds_a_build_back(built: Tutor, documents: Path) -> None:
    """Golden questions beside the documents are taken over; a build that loses one says why and what to do."""
    (documents / "golden.json").write_text(json.dumps(GOLDEN), encoding="utf-8")
    assert "1 of 1 (" in built("index", "build", documents).out or ids(built)
    (documents / "clay.txt").write_text(CLAY.replace("Glass forgets the fire at once.", ""), encoding="utf-8")
    before = row(built("index", "status", "--json"))["generation"]
    failed = built("index", "build", documents)
    assert failed.code == 1
    assert "answered right: 0 of 1 (1 before)" in failed.out
    assert "not now: What forgets the fire?" in failed.out
    assert row(built("index", "status", "--json"))["generation"] == before
    [name] = [word for word in failed.err.split() if len(word) == 12 and word.isalnum()]
    assert "failed its exam" in built("index", "promote", name).refusal
    assert built("index", "promote", "--anyway", name).code == 0
    assert row(built("index", "status", "--json"))["generation"] == name
    assert row(built("index", "build", documents, "--anyway", "--json"))["live"]


def test_a_golden_file_that_is_none_is_refused(built: Tutor, documents: Path) -> None:
    """Its name and its fault are named, and nothing is built."""
    (documents / "golden.json").write_text('{"answerable": [{}]}', encoding="utf-8")
    assert "golden.json" in built("index", "build", documents).refusal


def test_a_stale_build_is_not_promoted(built: Tutor, bees: Path, tmp_path: Path) -> None:
    """What was built on what is not live any more would undo what came since."""
    held = row(built("index", "add", bees, "--json", "--hold"))["generation"]
    (tmp_path / "wasps.txt").write_text("Wasps make paper from wood.", encoding="utf-8")
    assert built("index", "add", tmp_path / "wasps.txt").code == 0
    for options in ([], ["--anyway"]):
        assert "changed since" in built("index", "promote", held, *options).refusal


def test_the_last_builds_are_kept(built: Tutor, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the setting says."""
    monkeypatch.setenv("TUTOR_KEEP_GENERATIONS", "3")
    for number in range(6):
        bees.write_text(f"{BEES} It was so in year {number}.", encoding="utf-8")
        assert built("index", "add", bees).code == 0
    assert len(built("index", "list").out.splitlines()) == 3


def test_a_second_build_waits_and_says_so(built: Tutor, bees: Path, tmp_path: Path) -> None:
    """Whoever builds while another does is told, and goes on when the other is done."""
    may_end, entered = threading.Event(), threading.Event()

    def first() -> None:
        with building(tmp_path / "data"):
            entered.set()
            may_end.wait(20)

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(20)
    threading.Timer(0.5, may_end.set).start()
    done = built("index", "add", bees)
    thread.join()
    assert done.code == 0
    assert "waits for it" in done.err


def test_progress_for_a_program_is_a_line_each(built: Tutor, bees: Path) -> None:
    """With --lines every step is a JSON object on stderr, and a busy library is refused, not waited for."""
    done = built("index", "add", bees, "--json", "--lines")
    assert [json.loads(line) for line in done.err.splitlines()][-1] == {"done": 3, "total": 3}
    assert row(done)["live"]


def test_a_servers_own_library(built: Tutor, bees: Path, tmp_path: Path) -> None:
    """`--server` looks at and changes the library of one server; one that has none is refused."""
    assert "no library of its own" in built("index", "add", bees, "--server", 7).refusal
    adopt(tmp_path / "data", 7, at="2026-01-01T00:00:00+00:00")
    added = row(built("index", "add", bees, "--server", 7, "--json"))
    assert (added["encoded"], added["reused"]) == (1, 5), "what the shared library encoded is not encoded again"
    assert "bees.txt" in ids(built, "--server", 7)
    assert "bees.txt" not in ids(built)
    assert built("index", "source", "bees.txt", "--server", 7).out == BEES
    assert built("index", "source", "bees.txt").refusal
    assert len(built("index", "list", "--server", 7).out.splitlines()) == 2
    assert own_folder(tmp_path / "data", 7).is_dir()


def test_the_exam_of_a_server_knows_its_approved_questions(built: Tutor, documents: Path, tmp_path: Path) -> None:
    """What a server's maintainers approved holds a build back that takes its words away, in that server alone."""
    data = tmp_path / "data"
    adopt(data, 7, at="2026-01-01T00:00:00+00:00")
    adopt(data, 8, at="2026-01-01T00:00:00+00:00")
    quote = "Glass forgets the fire at once."
    entry = {
        "id": "draft-glass",
        "kind": "gap",
        "side": "both",
        "difficulty": 2,
        "why": "Drafted.",
        "quote": quote,
        "gap": "fire",
        "wrong": ["hand", "kiln"],
    }

    async def approve() -> None:
        store = Store(data)
        async with store.writing() as connection:
            await drafts.add(connection, 7, [("draft-glass", "clay-1", "Clay", entry)], NOW)
            await drafts.decide(connection, 7, "draft-glass", state=State.APPROVED, person=1, now=NOW)
        await store.close()

    asyncio.run(approve())
    (documents / "clay.txt").write_text(CLAY.replace(quote, "Nothing is said here."), encoding="utf-8")
    failed = built("index", "add", documents / "clay.txt", "--server", 7)
    assert failed.code == 1
    assert "draft-glass" in failed.out
    assert built("index", "add", documents / "clay.txt", "--server", 8).code == 0
