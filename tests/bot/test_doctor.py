"""The doctor names what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

import bot.library
from bot.doctor import Finding, examine
from bot.settings import Settings
from bot.store.migrate import FILE, migrate
from index.errors import ModelError
from tests.index.fakes import CLAY, FakeEncoder, build_texts

# Looks like a token, and is none.
TOKEN = SecretStr("A" * 24 + ".Gabcde." + "x" * 38)


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.library, "load_encoder", lambda settings: FakeEncoder())


def findings(settings: Settings) -> dict[str, Finding]:
    found = list(examine(settings))
    assert len({each.part for each in found}) == len(found)
    assert all(each.sentence and "\n" not in each.sentence for each in found)
    return {each.part: each for each in found}


def having(settings: Settings, **changes: object) -> Settings:
    return Settings(_env_file=None, **{"data": settings.data, **changes})


def test_a_fresh_set_up(settings: Settings) -> None:
    """Nothing is wrong where nothing was done yet: token, store and index are missing, but not needed."""
    found = findings(settings)
    assert {part for part, each in found.items() if each.fine} == {"settings", "intents", "model", "data"}
    assert {part for part, each in found.items() if each.fine is None} == {"token", "store", "index"}
    assert "TUTOR_DISCORD_TOKEN" in found["token"].sentence
    assert "tutor index build" in found["index"].sentence


def test_a_complete_set_up(settings: Settings) -> None:
    """With token, store and index everything is fine, and the index is counted."""
    migrate(settings.data / FILE)
    name = build_texts(settings.data, CLAY).generation
    found = findings(having(settings, discord_token=TOKEN))
    assert all(each.fine for each in found.values())
    for needed in (name, "1 document", "3 passages"):
        assert needed in found["index"].sentence


def test_a_token_is_never_shown(settings: Settings) -> None:
    """Whether it looks right or wrong, the token is in no sentence."""
    for token in (TOKEN.get_secret_value(), "my-secret-password"):
        found = findings(having(settings, discord_token=SecretStr(token)))
        assert found["token"].fine is (token != "my-secret-password")
        assert not any(token in each.sentence for each in found.values())


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
    monkeypatch.setattr(bot.library, "load_encoder", refuse)
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
