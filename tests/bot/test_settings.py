"""Settings are read once, whole, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import LogLevel, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith("TUTOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_need_nothing() -> None:
    """A fresh machine has working settings, without a token."""
    settings = load_settings()
    assert settings.data == Path("data")
    assert settings.discord_token is None


def test_the_environment_goes_before_the_file_and_a_given_value_before_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is nearer to the person wins."""
    Path(".env").write_text(
        "TUTOR_MODEL=from-file\nTUTOR_LOG_LEVEL=debug\nTUTOR_DATA=file\nOTHER=1\n", encoding="utf-8"
    )
    monkeypatch.setenv("TUTOR_MODEL", "from-environment")
    monkeypatch.setenv("TUTOR_DATA", "environment")
    settings = load_settings(data=Path("given"))
    assert (settings.model, settings.log_level, settings.data) == (
        "from-environment",
        LogLevel.DEBUG,
        Path("given"),
    )


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One run shows all that has to be corrected, under the names people know, and no value of theirs."""
    monkeypatch.setenv("TUTOR_QUESTIONS_PER_MINUTE", "many")
    monkeypatch.setenv("TUTOR_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "TUTOR_QUESTIONS_PER_MINUTE" in str(error.value)
    assert "TUTOR_LOG_LEVEL" in str(error.value)
    assert "loud" not in str(error.value)


def test_a_token_is_trimmed_and_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pasted line break does no harm, and a log of the settings does not give the token away."""
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN", " secret-token\n")
    settings = load_settings()
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "secret-token"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("given", ["http://127.0.0.1:8080/api/v10", "http://127.0.0.1:8080/api/v10/"])
def test_the_address_of_the_api_may_end_in_a_slash(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """Both ways to write the address mean the same."""
    monkeypatch.setenv("TUTOR_DISCORD_API", given)
    assert load_settings().discord_api == "http://127.0.0.1:8080/api/v10"


@pytest.mark.parametrize("wrong", ["127.0.0.1:8080", "ftp://example.org", "http://", "https:///api"])
def test_an_address_that_is_none_is_a_fault(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """What cannot be spoken to over HTTP is named as a fault, not tried."""
    monkeypatch.setenv("TUTOR_DISCORD_API", wrong)
    with pytest.raises(SettingsError, match="TUTOR_DISCORD_API"):
        load_settings()


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_token_is_no_token(monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    """A line left empty in .env means the same as no line."""
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN", empty)
    assert load_settings().discord_token is None


def test_a_file_that_is_no_text_is_one_clear_fault() -> None:
    """A broken .env ends in a sentence, not in a traceback."""
    Path(".env").write_bytes(b"TUTOR_MODEL=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env"):
        load_settings()


def test_settings_do_not_change() -> None:
    """What was read at the start stays."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings().model = "other"  # type: ignore[misc]


def test_the_token_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret of Docker or systemd is read, trimmed; a token that is set itself goes before it."""
    file = tmp_path / "token"
    file.write_text("from-file\n", encoding="utf-8")
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN_FILE", str(file))
    token = load_settings().discord_token
    assert token is not None
    assert token.get_secret_value() == "from-file"
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN", "set")
    token = load_settings().discord_token
    assert token is not None
    assert token.get_secret_value() == "set"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"secret\xff\xfe", "folder"])
def test_a_token_file_that_is_of_no_use_is_one_clear_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | str | None
) -> None:
    """Missing, empty, no text, a folder: the file and its setting are named, and nothing that it holds."""
    file = tmp_path / "token"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        file.mkdir()
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN_FILE", str(file))
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(file) in str(error.value)
    assert "TUTOR_DISCORD_TOKEN_FILE" in str(error.value)
    assert "secret" not in str(error.value)


def several(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    """Set four processes with eight shards in the environment, but for some changes."""
    given = {"SHARDS": "8", "PROCESSES": "4", "ORDINAL": "2", "DATABASE": "postgresql://tutor@db/tutor"} | changes
    for name, value in given.items():
        monkeypatch.setenv(f"TUTOR_{name}", value)


@pytest.mark.parametrize(("ordinal", "host"), [("2", "x"), ("tutor-2", "x"), (" 2 ", "x"), ("", "tutor-2")])
def test_a_process_knows_its_number(monkeypatch: pytest.MonkeyPatch, ordinal: str, host: str) -> None:
    """As a number, as the name of a pod, or from the host's name."""
    monkeypatch.setattr("socket.gethostname", lambda: host)
    several(monkeypatch, ORDINAL=ordinal)
    assert load_settings().ordinal == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"ORDINAL": "4"}, "TUTOR_ORDINAL: there is no process 4 among 4"),
        ({"ORDINAL": "tutor"}, 'TUTOR_ORDINAL: "tutor" does not end in a number'),
        ({"ORDINAL": "-1"}, 'TUTOR_ORDINAL: "-1" does not end in a number'),
        ({"PROCESSES": "9"}, "TUTOR_PROCESSES: 9 processes cannot share 8 shards"),
        ({"SHARDS": ""}, "TUTOR_PROCESSES: set TUTOR_SHARDS too"),
        ({"DATABASE": ""}, "TUTOR_PROCESSES: several processes need TUTOR_DATABASE"),
    ],
)
def test_shards_that_do_not_fit_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    """The setting that has to be changed is named, and it is the only one."""
    several(monkeypatch, **changes)
    with pytest.raises(SettingsError, match=named) as error:
        load_settings()
    assert len(error.value.faults) == 1


def test_a_host_with_a_number_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TUTOR_PROCESSES the host's name means nothing."""
    monkeypatch.setattr("socket.gethostname", lambda: "server-7")
    assert load_settings().ordinal is None
