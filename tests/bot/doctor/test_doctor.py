"""The doctor names what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import asyncio
import base64
import importlib.metadata
import logging
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from pydantic import SecretStr

import bot.libraries.opening
from bot.doctor import Finding, examine, glance
from bot.doctor.machine import torch
from bot.doctor.token import application_id
from bot.libraries.paths import adopt, own_folder
from bot.libraries.rebuild import aliases_file
from bot.runtime.instance_lock import COMMANDS, occupying
from bot.settings import Settings
from bot.store.database import Store
from bot.store.migrate import FILE, migrate, upgrade
from index.documents import sandbox
from index.documents.formats.kinds import Kind
from index.errors import ModelError
from index.text.aliases import read_aliases
from tests.index.fakes import CLAY, SEA, FakeEncoder, build_texts

# Looks like a token, and is none.
TOKEN = SecretStr("A" * 24 + ".Gabcde." + "x" * 38)
ID = 1234567890123456789
WITH_ID = SecretStr(base64.urlsafe_b64encode(str(ID).encode()).decode().rstrip("=") + ".Gabcde." + "x" * 38)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALWAYS = {"settings", "intents", "data", "running", "clock", "torch", "model", "aliases"}


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: FakeEncoder())


@pytest.fixture
def cpu_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever build of torch the tests run on."""
    monkeypatch.setattr("bot.doctor.machine.distribution", lambda name: SimpleNamespace(version="2.13.0+cpu"))
    monkeypatch.setattr("bot.doctor.machine.distributions", lambda: [])


def findings(settings: Settings, now: datetime = NOW) -> dict[str, Finding]:
    found = list(examine(settings, now))
    assert len({each.part for each in found}) == len(found)
    assert all(each.sentence and "\n" not in each.sentence for each in found)
    return {each.part: each for each in found}


def having(settings: Settings, **changes: Any) -> Settings:
    return Settings(_env_file=None, **{"data": settings.data, **changes})


@pytest.mark.usefixtures("cpu_build")
def test_a_fresh_set_up(settings: Settings) -> None:
    """Nothing is wrong where nothing was done yet: token, store and index are missing, but not needed."""
    found = findings(settings)
    found.pop("sandbox")  # as the platform is
    assert {part for part, each in found.items() if each.fine} == ALWAYS
    assert {part for part, each in found.items() if each.fine is None} == {"token", "store", "index"}
    assert "TUTOR_DISCORD_TOKEN" in found["token"].sentence
    assert "tutor index build" in found["index"].sentence


@pytest.mark.usefixtures("cpu_build")
def test_a_complete_set_up(settings: Settings) -> None:
    """With token, store and index everything is fine, and the index is counted."""
    migrate(settings.data / FILE)
    name = build_texts(settings.data, CLAY, aliases=read_aliases(aliases_file(settings)).variants).generation
    found = findings(having(settings, discord_token=TOKEN))
    assert all(each.fine for part, each in found.items() if part != "sandbox")
    for needed in (name, "1 document", "3 passages"):
        assert needed in found["index"].sentence


def test_a_token_is_never_shown(settings: Settings) -> None:
    """Whether it looks right or wrong, the token is in no sentence."""
    for token in (TOKEN.get_secret_value(), WITH_ID.get_secret_value(), "my-secret-password"):
        found = findings(having(settings, discord_token=SecretStr(token)))
        assert found["token"].fine is (token != "my-secret-password")
        assert not any(part in each.sentence for each in found.values() for part in token.split("."))


def test_a_damaged_index(settings: Settings) -> None:
    """A damaged index is bad, with the sentence that mends it; the rest is looked at all the same."""
    name = build_texts(settings.data, CLAY).generation
    (settings.data / "generations" / name / "words.json").write_text("[]", encoding="utf-8")
    found = findings(settings)
    assert found["index"].fine is False
    assert "tutor index build" in found["index"].sentence
    assert found["model"].fine


def test_a_foreign_index(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of another model is bad, and both ways out are named."""
    build_texts(settings.data, CLAY, encoder=FakeEncoder("other"))
    found = findings(settings)["index"]
    assert found.fine is False
    assert "TUTOR_MODEL=other" in found.sentence


def test_a_model_that_does_not_load(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's own sentence is shown, and the index is still looked at."""

    def refuse(settings: Settings) -> object:
        raise ModelError("The model sulks.")

    build_texts(settings.data, CLAY)
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", refuse)
    found = findings(settings)
    assert (found["model"].fine, found["model"].sentence) == (False, "The model sulks.")
    assert found["index"].fine


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the place of the folder is bad twice, and never a traceback."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    found = findings(Settings(_env_file=None, data=tmp_path / "file"))
    assert found["data"].fine is False
    assert "TUTOR_DATA" in found["data"].sentence
    assert found["index"].fine is False


def test_the_doctor_leaves_nothing_behind(settings: Settings) -> None:
    """Looking is not changing."""
    findings(settings)
    assert list(settings.data.iterdir()) == []


def test_a_store_from_a_newer_version_is_found(settings: Settings) -> None:
    """Before the bot refuses to start over it; a store that is none is found too."""
    assert findings(settings)["store"].fine is None
    path = settings.data / FILE
    migrate(path)
    assert findings(settings)["store"].fine is True
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in findings(settings)["store"].sentence
    path.write_bytes(b"no database " * 1000)
    assert findings(settings)["store"].fine is False


def test_a_store_that_was_moved_away_is_missed(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Where a bot has run, an empty store in its place would look like a loss: the doctor and the start say so."""
    (settings.data / COMMANDS).write_text("{}", encoding="utf-8")
    found = findings(settings)["store"]
    assert found.fine is False
    assert "set TUTOR_DATABASE if the store was moved" in found.sentence

    async def start() -> None:
        store = Store(settings.data)
        await store.open()
        await store.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(start())
        assert found.sentence in caplog.text
        caplog.clear()
        asyncio.run(start())
    assert caplog.text == ""
    assert findings(settings)["store"].fine


def test_the_invite_asks_for_the_least(settings: Settings) -> None:
    """The id in the token makes the link: four permissions, two scopes, nothing else; no id, no link."""
    link = urlsplit(findings(having(settings, discord_token=WITH_ID))["invite"].sentence)
    assert (link.scheme, link.netloc) == ("https", "discord.com")
    said = parse_qs(link.query)
    assert said["client_id"] == [str(ID)]
    assert sorted(said["scope"][0].split()) == ["applications.commands", "bot"]
    wanted = discord.Permissions(int(said["permissions"][0]))
    assert {name for name, on in wanted if on} == {
        "read_messages",
        "send_messages",
        "send_messages_in_threads",
        "read_message_history",
    }
    assert "invite" not in findings(having(settings, discord_token=TOKEN))
    for front in ("A" * 24, "!" * 24, base64.b64encode(b"not a number at all").decode()):
        assert application_id(f"{front}.Gabcde.{'x' * 38}") is None


def test_room_on_the_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is worth knowing, next to nothing is bad."""
    for free, fine in ((50 * 2**20, False), (500 * 2**20, None), (5 * 2**30, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: shutil._ntuple_diskusage(2**40, 0, free))
        found = findings(settings)["data"]
        assert found.fine is fine
        assert f"{free // 2**20:,} MB" in found.sentence


def test_rights_of_the_data_folder(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that anybody may write to, and files of another user, as after a command run as root."""
    settings.data.chmod(0o777)
    found = findings(settings)["data"]
    assert found.fine is False
    assert "chmod o-w" in found.sentence
    settings.data.chmod(0o755)
    build_texts(settings.data, CLAY)
    really = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "live" and really(path, mode))
    found = findings(settings)["data"]
    assert found.fine is False
    assert f"{settings.data / 'live'} cannot" in found.sentence
    assert "chown" in found.sentence


def test_a_store_with_a_damaged_page(settings: Settings) -> None:
    """It opens, and is bad all the same; the way back is named. A store of an earlier version is none of that."""
    path = settings.data / FILE
    upgrade(path, "0001")
    assert findings(settings)["store"].fine is None
    migrate(path)
    with closing(sqlite3.connect(path)) as store:
        root = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answers_by_item'").fetchone()[0]
        size = store.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\x55" * size
    path.write_bytes(content)
    found = findings(settings)["store"]
    assert found.fine is False
    assert "tutor restore" in found.sentence


def test_libraries_of_servers(settings: Settings) -> None:
    """Each is opened; the damaged ones are named with what to do, and the shared one is not blamed."""
    build_texts(settings.data, CLAY)
    assert "servers" not in findings(settings)
    for server in (11, 22, 33):
        adopt(settings.data, server, at="2026-01-01T00:00:00+00:00")
    assert findings(settings)["servers"].fine is True
    name = build_texts(own_folder(settings.data, 22), SEA).generation
    (own_folder(settings.data, 22) / "generations" / name / "words.json").write_text("[]", encoding="utf-8")
    (own_folder(settings.data, 33) / "golden.json").write_text("{", encoding="utf-8")
    found = findings(settings)
    assert found["servers"].fine is False
    for needed in ("22: The index", "--server 22", "as well: 33"):
        assert needed in found["servers"].sentence
    assert found["index"].fine is True


def test_a_clock_that_is_behind(settings: Settings) -> None:
    """Before anything that was written down here, or before this program was: the schedule would be wrong."""
    assert findings(settings, datetime(1970, 1, 1, tzinfo=UTC))["clock"].fine is False
    build_texts(settings.data, CLAY, built_at=NOW.isoformat())
    assert findings(settings, NOW - timedelta(seconds=60))["clock"].fine is True
    found = findings(settings, NOW - timedelta(days=1))["clock"]
    assert found.fine is False
    assert "2026-06-01 00:00:00" in found.sentence


def test_another_bot_is_named(settings: Settings) -> None:
    """Somebody who wonders why a start is refused sees it here; it is not a fault."""
    with occupying(settings.data):
        found = findings(settings)["running"]
    assert found.fine is None
    assert "is running" in found.sentence


def test_spellings(settings: Settings, tmp_path: Path) -> None:
    """A file that cannot be read is bad, one that the library was not built with is worth knowing."""
    file = tmp_path / "aliases.yaml"
    found = findings(having(settings, aliases=file))["aliases"]
    assert found.fine is False
    assert str(file) in found.sentence
    build_texts(settings.data, CLAY, aliases={"klay": "clay"})
    file.write_text("clay: [klay]", encoding="utf-8")
    assert findings(having(settings, aliases=file))["aliases"].fine is True
    file.write_text("clay: [klay, cley]", encoding="utf-8")
    found = findings(having(settings, aliases=file))["aliases"]
    assert found.fine is None
    assert "tutor index refresh" in found.sentence


def test_what_the_platform_lacks_to_confine_readers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each missing means is named, and stops nothing; a reader that cannot be confined is bad."""
    with sandbox.Sandbox() as reader:
        lacking = reader.start(Kind.MARKDOWN)
    assert findings(settings)["sandbox"].fine is (None if lacking else True)
    refuse = "def refuse(*_): raise OSError(errno.{}, 'no room')\nconfinement._syscall = refuse"
    program = sandbox._PROGRAM.replace(
        "child.main()", f"import errno, index.documents.confinement as confinement\n{refuse}\nchild.main()"
    )
    monkeypatch.setattr(sandbox, "_PROGRAM", program.format("ENOSYS"))
    found = findings(settings)["sandbox"]
    assert found.fine is None
    assert "Landlock" in found.sentence
    assert "seccomp" in found.sentence
    monkeypatch.setattr(sandbox, "_PROGRAM", program.format("ENOMEM"))
    found = findings(settings)["sandbox"]
    assert found.fine is False
    assert "no room" in found.sentence


def test_torch_with_cuda_is_worth_knowing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It works, and wastes gigabytes: how many is said."""

    class Package:
        name, version = "nvidia-cublas-cu12", "2.13.0+cu130"
        files = (type("File", (), {"size": 3 * 2**30})(),)

    monkeypatch.setattr("bot.doctor.machine.distribution", lambda name: Package())
    monkeypatch.setattr("bot.doctor.machine.distributions", lambda: [])
    found = torch()
    assert found.fine is None
    assert "3,072 MB" in found.sentence

    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("bot.doctor.machine.distribution", missing)
    assert torch().fine is False


def test_a_glance_needs_no_model_and_sees_what_breaks_on_the_way(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a health check asks every minute: room, rights, store and manifests."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: pytest.fail("it loads the model"))
    name = build_texts(settings.data, CLAY).generation
    adopt(settings.data, 5, at="2026-01-01T00:00:00+00:00")
    assert [each for each in glance(settings) if each.fine is False] == []
    (settings.data / "generations" / name / "manifest.json").unlink()
    assert [each.part for each in glance(settings) if each.fine is False] == ["index"]
