"""What version 0.1.0 wrote, sent and promised, opened, answered and kept by the current program."""

from __future__ import annotations

import json
import logging
import py_compile
import shutil
import subprocess
import sys
import tarfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import simcord
from typer.testing import CliRunner

import bot.libraries.opening
from bot.cli import app
from tests.upgrade.make import PACKAGES, QUESTIONS, ROOT, make_bot, modules
from tests.upgrade.stage import BOB, GRACE, HOME, PRIVATE, Press, Stage, close_stage, open_stage, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.models.encoder import Encoder

pytestmark = pytest.mark.model

ARCHIVE = Path(__file__).with_name("made_by_0.1.0.tar.xz")
ORDERED_ANEW = {QUESTIONS[1], QUESTIONS[3]}
QUOTED = ("text", "document", "start", "end", "sha256")
UNKNOWN = (
    Press("quiz:v0:pick:14:1:0", BOB, PRIVATE),
    Press("quiz:v1:dance:14:1:0", BOB, PRIVATE),
    Press("quiz:v1:pick:14:1", BOB, PRIVATE),
    Press("quiz:v1:pick:14:1:0:0", BOB, PRIVATE),
    Press("ask:v1:context:!?", BOB, HOME),
    Press("draft:v1:approve:DRAFT:0123456789ab", GRACE, HOME),
    Press("library:v1:promote:0123", GRACE, HOME),
    Press("nobody:v9:knows:this", BOB, HOME),
    Press("quiz:v0:written:14:1", BOB, HOME, {"text": "The metaverse is not the Internet."}),
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with tarfile.open(ARCHIVE) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and newer know it
        packed.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def recorded(unpacked: Path) -> Any:
    return json.loads((unpacked / "recorded.json").read_text(encoding="utf-8"))


@pytest.fixture
def data(unpacked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unpacked / "data", tmp_path / "data"))


@pytest.fixture
def tutor(data: Path, real_encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the command line on the old data folder, with the default model as it is loaded already."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda *_: real_encoder)
    levels = {handler: handler.level for handler in logging.getLogger().handlers}

    def run(*arguments: object, data: Path = data) -> str:
        result = CliRunner().invoke(app, [str(each) for each in ("--no-dotenv", "--data", data, *arguments)])
        for handler, level in levels.items():
            handler.setLevel(level)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    return run


async def open_bot(data: Path, recorded: Any, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Start the bot on the old data folder a minute after the old one ended, among the same people."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda *_: encoder)
    defaults = simcord.Env._settle_internal.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "idle", 0.002)
    until = datetime.fromisoformat(recorded["until"])
    stage = await open_stage(make_bot(data), data, "\n".join(recorded["documents"]), now=until)
    assert stage.ids == recorded["ids"]
    return stage


def _growth(changes: dict[str, list[Any]]) -> dict[str, Any]:
    """Turn counts before and after into differences; what is no count stays as it is."""
    return {
        name: after - first if isinstance(first, int) else [first, after] for name, (first, after) in changes.items()
    }


@pytest.mark.asyncio
async def test_buttons_and_forms_go_on_where_they_were(
    data: Path, recorded: Any, real_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each id that was sent leads where it led in the version that sent it: the same next step, quotes and rows.

    Sessions and rounds continue half-way, builds and drafts are decided about, what is about a person is deleted.
    """
    stage = await open_bot(data, recorded, real_encoder, monkeypatch)
    different = []
    for row in recorded["presses"]:
        press, before = Press(**row["press"]), row["outcome"]
        now = asdict(await stage.press(press))
        if press.kind == "ask:v1:quiz":  # which draws a question: how many options it has is left to chance
            assert {id.split(":")[2] for id in now.pop("shown")} < {"pick", "submit", "hint", "write"}
            del before["shown"]
        if press.kind == "quiz:v1:written":  # graded anew: the grader may be sure now where the old one was not
            del before["shown"], before["changes"]
        else:  # by how much rows changed: an answer that was decided above counts from there on
            before["changes"], now["changes"] = _growth(before["changes"]), _growth(now["changes"])
        different += [(press, name, before[name], now[name]) for name in before if now[name] != before[name]]
    await close_stage(stage)
    assert different == []


@pytest.mark.asyncio
async def test_an_id_that_nothing_knows_is_answered_with_a_sentence(
    data: Path, recorded: Any, real_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another version, of a kind that is gone or garbled: it says so, and changes nothing."""
    stage = await open_bot(data, recorded, real_encoder, monkeypatch)
    came = [await stage.press(press) for press in UNKNOWN]
    await close_stage(stage)
    assert [(each.known, each.changes, each.form) for each in came] == [(False, {}, None)] * len(UNKNOWN)


def test_the_same_questions_get_the_same_quotes(tutor: Callable[..., str], recorded: Any) -> None:
    """From the old index: outcome, generation, and each quote with its place and hash.

    Where another order was fitted since, the first quote of before is still shown. Where the library does not answer,
    other sentences may be the nearest ones: Discord does not show them, the JSON does. As many as before, all verbatim.
    """
    for question, before in zip(QUESTIONS, recorded["answers"], strict=True):
        now = json.loads(tutor("ask", "--json", question))
        quotes, earlier = ([{name: quote[name] for name in QUOTED} for quote in row["quotes"]] for row in (now, before))
        for quote in quotes:
            source = tutor("index", "source", quote["document"])
            assert source[quote["start"] : quote["end"]] == quote["text"]
        assert len(quotes) == len(earlier)
        if question in ORDERED_ANEW:
            assert earlier[0] in quotes
        elif before["outcome"] != "not_covered":
            assert quotes == earlier
        assert (now["outcome"], now["generation"]) == (before["outcome"], before["generation"])


def test_generations_can_be_listed_promoted_and_gone_back_to(
    tutor: Callable[..., str], data: Path, recorded: Any
) -> None:
    """All that are kept; one that was held back goes live, and the earlier ones still can."""
    first, live, held = (recorded["generations"][name] for name in ("first", "live", "held"))
    listed = tutor("index", "list")
    assert all(name in listed for name in (first, live, held))
    assert live in tutor("index", "status")
    assert tutor("index", "source", "lighthouse.txt") == recorded["documents"][1]
    for arguments, name in ((("promote", held), held), (("rollback",), live), (("rollback", first), first)):
        tutor("index", *arguments)
        assert (data / "live").read_text(encoding="utf-8").strip() == name
    assert json.loads(tutor("ask", "--json", QUESTIONS[0]))["generation"] == first


def test_documents_are_added_to_an_old_library(tutor: Callable[..., str], tmp_path: Path) -> None:
    """A build takes over all that the old one has encoded, and passes the old golden questions."""
    (tmp_path / "ferry.txt").write_text("The ferry\n\nThe ferry takes nine hours.\n", encoding="utf-8")
    made = json.loads(tutor("index", "add", "--json", tmp_path / "ferry.txt"))
    assert made["encoded"] < made["reused"]
    assert made["exam"]["right"] == made["exam"]["right_before"] == made["exam"]["golden"] > 20


def test_the_doctor_finds_no_fault(tutor: Callable[..., str]) -> None:
    """In the settings, the store after its migration, and each library."""
    found = tutor("doctor")
    assert {line.split()[0] for line in found.splitlines()} <= {"ok", "-"}


def test_an_old_backup_is_restored(tutor: Callable[..., str], unpacked: Path, tmp_path: Path) -> None:
    """Into an empty folder, where it answers."""
    fresh = tmp_path / "fresh"
    tutor("restore", unpacked / "backup.zip", data=fresh)
    answer = json.loads(tutor("ask", "--json", QUESTIONS[3], data=fresh))
    assert answer["outcome"] == "answer"
    assert "Ada Brandt" in answer["quotes"][0]["text"]


def test_an_old_data_folder_is_backed_up_and_restored(tutor: Callable[..., str], data: Path, tmp_path: Path) -> None:
    """With the store and the servers' libraries."""
    tutor("backup", tmp_path / "now.zip")
    tutor("restore", tmp_path / "now.zip", data=tmp_path / "fresh")
    before, after = (
        {name: found for name, found in state_of(folder).items() if not name.endswith(" generations")}
        for folder in (data, tmp_path / "fresh")
    )
    assert after == before  # but for the generations that are not live, which a backup leaves out


def test_what_an_old_checkout_leaves_behind_is_no_part_of_the_program(recorded: Any, tmp_path: Path) -> None:
    """Compiled modules under old names, and folders that hold nothing else, are neither imported nor in the way."""
    checkout = tmp_path / "checkout"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, checkout / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "stale.py").write_text("raise SystemError('a stale module was imported')", encoding="utf-8")
    gone = sorted({*recorded["modules"]} - {*modules()})
    assert gone
    for name in gone:
        folder = checkout.joinpath(*name.split(".")[:-1])
        (folder / "__pycache__").mkdir(parents=True, exist_ok=True)
        compiled = folder / "__pycache__" / f"{name.split('.')[-1]}.{sys.implementation.cache_tag}.pyc"
        py_compile.compile(str(tmp_path / "stale.py"), str(compiled), doraise=True)
    look = (
        "import bot.app, bot.cli, importlib, json, pkgutil, sys\n"
        "for name in bot.app.extensions(): importlib.import_module(name)\n"
        "def found(name):\n"
        "    try: return getattr(importlib.import_module(name), '__file__', None)\n"
        "    except ImportError: return None\n"
        "print(json.dumps([name for name in json.loads(sys.argv[1]) if found(name)]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", look, json.dumps(gone)], cwd=checkout, capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == []
