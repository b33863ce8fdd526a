"""Fills a data folder with the version of the program that this checkout holds, for later versions to open.

    python -m tests.upgrade.make tests/upgrade/made_by_0.1.0.tar.xz

What people do is done as they do it: on the command line, and with the real bot in a simulated Discord. The archive
holds `data/`, the backup of a smaller data folder in `backup.zip`, and `recorded.json`: what the command line printed,
each custom id that the bot has sent, and what came of presses of them after a restart. Run it on a release, commit the
archive, and the tests in this folder open it from then on.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.libraries.jobs import JobRunner
from bot.libraries.opening import open_library
from bot.settings import Settings
from bot.ui.persistent import PersistentForm, PersistentItem
from tests.upgrade.stage import (
    ALICE,
    BOB,
    GRACE,
    HOME,
    OTHER,
    PRIVATE,
    Outcome,
    Press,
    Stage,
    close_stage,
    ids_in,
    message_of,
    open_stage,
)

QUESTIONS = (
    "Why is the metaverse taking a detour today?",
    "How does the metaverse differ from the Internet?",
    "What is the meta-universe's leading technology?",
    "Who keeps the lighthouse of Norland?",
    "How much does a headset cost?",
)
ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "index", "prompts")
ESSAY = ROOT / "index/seeds/000_0796b07b88aaa3a5.txt"
SHORTENED = ESSAY.read_bytes()[:2000]
"""In which hardly a golden question is answered any more."""
TOWN = Path(__file__).with_name("veldmar.txt")
"""Names, years and numbers enough to draft questions from."""
LIGHTHOUSE = (
    "The lighthouse of Norland\n\nThe lighthouse of Norland was built in 1871 out of grey granite. Its keeper, Ada "
    "Brandt, lights the lamp each evening at dusk. The lamp can be seen from thirty miles away.\n"
)
TRAINS = "Trains\n\nThe night train to Karlsund leaves at ten and carries a dining car in summer only.\n"
SHIPS = "Ships\n\nThe ferry to Karlsund takes nine hours and carries forty cars in winter.\n"
UNSURE = (
    "The author says that the metaverse is not the Internet.",
    "The metaverse has to change life and production.",
    "Blockchain technology is the leading technology of the metaverse.",
    "The virtual and the real come together in the metaverse.",
)
_TRIES = 60

_ORDER = (
    *("ask:v1:context", "ask:v1:verify", "ask:v1:more", "ask:v1:quiz", "quiz:v1:axis", "board:v1:leave"),
    *("board:v1:join", "quiz:v1:hint", "quiz:v1:pick", "quiz:v1:submit", "quiz:v1:judge", "quiz:v1:write"),
    *("quiz:v1:written", "quiz:v1:dispute", "quiz:v1:disputed", "quiz:v1:next", "quiz:v1:answer", "quiz:v1:close"),
    *("draft:v1:skip", "draft:v1:edit", "draft:v1:edited", "draft:v1:approve", "draft:v1:reject", "gaps:v1:off"),
    *("gaps:v1:on", "gaps:v1:clear", "gaps:v1:keep", "gaps:v1:forget", "library:v1:cancel", "library:v1:discard"),
    *("library:v1:promote", "library:v1:anyway", "privacy:v1:keep", "privacy:v1:delete"),
)
"""Each kind of id, in an order in which one press does not make the next one pointless."""
_NUMBERED = {"draft:v1:approve": -3, "draft:v1:reject": -2, "library:v1:discard": -1, "library:v1:promote": -2}
"""Of what can be decided about only once: which one is, counted from the newest."""


def main() -> None:
    (archive,) = map(Path, sys.argv[1:])
    os.environ["TUTOR_BACKEND"] = "torch"  # which leaves no model in the data folder
    with TemporaryDirectory() as folder:
        top = Path(folder)
        recorded = _make(top)
        (top / "recorded.json").write_text(json.dumps(recorded, indent=1, ensure_ascii=False), encoding="utf-8")
        with tarfile.open(archive, "w:xz", preset=9) as packed:
            for name in ("recorded.json", "backup.zip", "data"):
                packed.add(top / name, name)
    print(f"{archive}: {archive.stat().st_size:,} bytes")


def _make(top: Path) -> dict[str, Any]:
    data = top / "data"
    for name, text in (("lighthouse.txt", LIGHTHOUSE), ("trains.txt", TRAINS)):
        (top / name).write_text(text, encoding="utf-8")
    first = json.loads(tutor(data, "index", "build", "--json"))["generation"]
    live = json.loads(tutor(data, "index", "add", "--json", top / "lighthouse.txt"))["generation"]
    tutor(data, "index", "rollback")
    tutor(data, "index", "rollback", live)
    held = json.loads(tutor(data, "index", "add", "--json", "--hold", top / "trains.txt"))["generation"]
    _back_up_a_small_one(top)
    documents = [*(tutor(data, "index", "source", name) for name in (ESSAY.name, "lighthouse.txt")), TOWN.read_text()]
    ids, waiting, until = asyncio.run(_live(data))
    copy = Path(shutil.copytree(data, top / "copy"))
    presses = asyncio.run(_press_all(copy, "\n".join(documents), waiting, until))
    return {
        "generations": {"first": first, "live": live, "held": held},
        "answers": [json.loads(tutor(data, "ask", "--json", question)) for question in QUESTIONS],
        "documents": documents,
        "modules": modules(),
        "ids": ids,
        "until": until.isoformat(),
        "presses": [{"press": asdict(press), "outcome": asdict(came)} for press, came in presses],
    }


def modules() -> list[str]:
    """Name all modules of the program."""
    sources = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in sources)


def tutor(data: Path, *arguments: object) -> str:
    """Run the command line as a person does, and return what it prints."""
    command = [sys.executable, "-m", "bot", "--no-dotenv", "--data", *map(str, (data, *arguments))]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def _back_up_a_small_one(top: Path) -> None:
    """Back up a library of one page: a zip cannot share with the other generations what they have in common."""
    tutor(top / "small", "index", "build", top / "lighthouse.txt")
    tutor(top / "small", "backup", top / "backup.zip")


def make_bot(data: Path) -> TutorBot:
    """Make the bot with its library open: the simulation waits no longer than seconds for one that loads a model."""
    settings = Settings(_env_file=None, data=data, actions_per_minute=10**6)
    library = open_library(settings)
    return TutorBot(settings, AnsweringEngine(settings, load=lambda: library))


async def _live(data: Path) -> tuple[dict[str, int], list[Press], datetime]:
    """Have people do what can be done; return their ids, what waits to be pressed, in order, and the time then."""
    stage = await open_stage(make_bot(data), data, "", now=datetime.now(UTC))
    _wait_for_builds(stage)
    await _look_after(stage)
    await _ask(stage)
    await _learn(stage)
    waiting = [press for kind in _ORDER for press in _newest(stage, kind)]
    left = {press.kind for press in stage.sent.values()} - set(_ORDER)
    assert not left, f"nobody presses {left}"
    assert not classes_without(stage.sent), f"the bot has sent no id of {classes_without(stage.sent)}"
    ids, until = stage.ids, stage.env.now() + timedelta(minutes=1)
    await close_stage(stage)
    assert not stage.env.errors, stage.env.errors
    return ids, waiting, until


def classes_without(ids: Iterable[str]) -> list[str]:
    """Name the classes of buttons and forms that none of these custom ids belongs to."""
    buttons = {kind.__name__: kind.__discord_ui_compiled_template__ for kind in PersistentItem.registered}
    forms = {kind.__name__: kind.pattern for kind in PersistentForm.registered}
    found = {name: any(map(pattern.fullmatch, ids)) for name, pattern in {**buttons, **forms}.items()}
    return [name for name, is_there in found.items() if not is_there]


def _wait_for_builds(stage: Stage) -> None:
    """Tell the simulation that a build takes its time."""
    work = JobRunner.work

    async def waited(self: JobRunner, *given: Any) -> Any:
        return await stage.env.external_wait(work(self, *given), reason="a build")

    JobRunner.work = waited  # type: ignore[assignment, method-assign]


async def _look_after(stage: Stage) -> None:
    """Give one server a page, drafts and a build that fails its exam; leave two builds of the other one undecided."""
    role = stage.channels[HOME].guild.roles["Keepers"]
    await stage.slash(GRACE, HOME, "library role", role=role)
    await stage.click(GRACE, HOME, await stage.slash(GRACE, HOME, "library gaps"), "gaps:v1:on")
    added = await stage.slash(GRACE, HOME, "library add", document=(TOWN.name, TOWN.read_bytes()))
    await stage.click(GRACE, HOME, added, "library:v1:promote")
    drafted = await stage.slash(GRACE, HOME, "library draft-quiz", count=9)
    for act in ("approve", "reject", "skip", "skip"):
        drafted = await stage.click(GRACE, HOME, drafted, f"draft:v1:{act}")
    await stage.click(GRACE, HOME, drafted, "draft:v1:edit")
    await stage.slash(GRACE, HOME, "library add", document=(ESSAY.name, SHORTENED))
    for name, text in (("trains.txt", TRAINS), ("ships.txt", SHIPS)):
        await stage.slash(GRACE, OTHER, "library add", document=(name, text.encode()))


async def _ask(stage: Stage) -> None:
    answered = await stage.slash(ALICE, HOME, "ask", question=QUESTIONS[0])
    menu = "This answer is right"
    await stage.people[GRACE, HOME].context_menu(stage.channels[HOME], menu, message_of(answered))
    for question in (QUESTIONS[4], "What does a new headset cost?", "Who won the world cup in 1954?"):
        await stage.slash(BOB, HOME, "ask", question=question)
    await stage.click(GRACE, HOME, await stage.slash(GRACE, HOME, "library gaps"), "gaps:v1:clear")


async def _learn(stage: Stage) -> None:
    """Leave sessions half-way, of every kind of question, a round closed, and another one open."""
    await stage.slash(BOB, HOME, "compare")
    await stage.click(ALICE, HOME, await stage.slash(ALICE, HOME, "leaderboard"), "board:v1:join")
    await stage.slash(ALICE, HOME, "leaderboard")
    await stage.slash(BOB, HOME, "privacy delete")
    await _judge(stage)
    for person, place, number in ((ALICE, HOME, 20), (BOB, PRIVATE, 3)):
        await _half_way(stage, person, place, await stage.slash(person, place, "quiz start", number=number))
    closed = await stage.slash(GRACE, HOME, "quiz round", number=2, minutes=60)
    await _half_way(stage, ALICE, HOME, await stage.click(ALICE, HOME, closed, "quiz:v1:answer"))
    await stage.click(GRACE, HOME, closed, "quiz:v1:close")
    opened = await stage.slash(GRACE, HOME, "quiz round", number=3, minutes=60)
    await _half_way(stage, BOB, HOME, await stage.click(BOB, HOME, opened, "quiz:v1:answer"))


async def _half_way(stage: Stage, person: str, place: str, shown: Any) -> None:
    """Answer the first question and complain about it; begin with the second one."""
    shown = await _answered(stage, person, place, shown)
    if _offers(shown, "quiz:v1:dispute"):
        disputed = await stage.click(person, place, shown, "quiz:v1:dispute")
        await stage.submit(person, place, disputed, {"text": "Two of these are right."})
    shown = await stage.click(person, place, shown, "quiz:v1:next")
    for act in ("quiz:v1:hint", "quiz:v1:pick"):
        if _offers(shown, act):
            shown = await stage.click(person, place, shown, act)


async def _answered(stage: Stage, person: str, place: str, shown: Any) -> Any:
    """Answer a question somehow."""
    if _offers(shown, "quiz:v1:write"):
        return await _written(stage, person, place, shown, "It is about the users and their money.")
    shown = await stage.click(person, place, shown, "quiz:v1:pick")
    return await stage.click(person, place, shown, "quiz:v1:submit")


async def _written(stage: Stage, person: str, place: str, shown: Any, text: str) -> Any:
    form = await stage.click(person, place, shown, "quiz:v1:write")
    await stage.submit(person, place, form, {"text": text})
    return shown


async def _judge(stage: Stage) -> None:
    """Write free answers until the grader leaves one to its author, who leaves it so; leave the next one unwritten."""
    is_left = False
    for _ in range(_TRIES):
        shown = await stage.slash(ALICE, HOME, "quiz start", number=1)
        if not _offers(shown, "quiz:v1:write"):
            continue
        if is_left:
            await stage.click(ALICE, HOME, shown, "quiz:v1:write")
            return
        for text in UNSURE:
            shown = await _written(stage, ALICE, HOME, shown, text)
            is_left = _offers(shown, "quiz:v1:judge")
            if is_left or not _offers(shown, "quiz:v1:write"):
                break
    raise AssertionError("there was no free question, or the grader was sure of every answer")


def _offers(shown: Any, act: str) -> bool:
    return any(id.startswith(act) for id in ids_in(message_of(shown)))


def _newest(stage: Stage, kind: str) -> list[Press]:
    """Return the two newest ids of a kind, of each session that was left half-way where sessions have it."""
    found = [press for press in stage.sent.values() if press.kind == kind]
    if kind in _NUMBERED:
        return [found[_NUMBERED[kind]]]
    if kind == "quiz:v1:answer":
        return [found[-1], replace(found[-1], person=BOB), replace(found[0], person=ALICE)]
    if not kind.startswith("quiz:v1") or kind == "quiz:v1:axis":
        return found[-2:]
    sessions = list(dict.fromkeys(press.id.split(":")[3] for press in found))[-6:]
    return [press for session in sessions for press in found if press.id.split(":")[3] == session][-12:]


async def _press_all(data: Path, documents: str, waiting: list[Press], now: datetime) -> list[tuple[Press, Outcome]]:
    """Press it all in a bot started anew, and where an answered question leads on, what it leads to."""
    stage = await open_stage(make_bot(data), data, documents, now=now)
    done: dict[tuple[str, str], tuple[Press, Outcome]] = {}
    for press in waiting:
        chain = [press]
        while chain and (chain[0].id, chain[0].person) not in done:
            pressed = chain.pop(0)
            outcome = await stage.press(pressed)
            assert outcome.known, pressed
            done[pressed.id, pressed.person] = pressed, outcome
            if pressed.kind in ("quiz:v1:submit", "quiz:v1:judge", "quiz:v1:written"):
                onward = [id for id in outcome.shown if id.startswith("quiz:v1:next")]
                chain = [replace(pressed, id=id, fields=None) for id in onward]
    await close_stage(stage)
    return [*done.values()]


if __name__ == "__main__":
    main()
