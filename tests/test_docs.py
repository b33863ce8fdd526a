"""Holds what the documentation says against what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from bot.conversation.recent import TURNS
from bot.libraries import unanswered as gaps
from bot.settings import PREFIX, Settings
from bot.store.schema import PERSON, metadata

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "deploy" / "tutor.env.example").read_text(encoding="utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    """A setting that the README's table or the environment example does not name does not exist for its users."""
    name = PREFIX + setting.upper()
    assert f"| `{name}` |" in README
    assert re.search(rf"^{name}=", EXAMPLE, re.MULTILINE)


def test_no_setting_is_invented() -> None:
    """What README, environment example and privacy page call a setting is one."""
    known = {PREFIX + setting.upper() for setting in Settings.model_fields} | {"TUTOR_TEST_BROWSER"}
    assert set(re.findall(r"\bTUTOR_[A-Z_]+\b", README + EXAMPLE + PRIVACY)) <= known


def test_the_environment_example_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example can be used as it is, and says the defaults."""
    for setting in Settings.model_fields:
        monkeypatch.delenv(PREFIX + setting.upper(), raising=False)
    assert Settings(_env_file=ROOT / "deploy" / "tutor.env.example") == Settings(_env_file=None)  # type: ignore[call-arg]


def test_every_command_is_documented() -> None:
    """The README's table names every command, and none that does not exist."""
    commands = get_command(app).commands  # type: ignore[attr-defined]
    documented = set(re.findall(r"`tutor (\w+)", README))
    assert set(commands) == documented
    for name in commands["index"].commands:
        assert re.search(rf"tutor index [^\n]*\b{name}\b", README), name


def test_the_privacy_page_is_true() -> None:
    """Each table that holds people's ids is named, with the numbers that the code has; README and commands agree."""
    held = {table.name for table in metadata.sorted_tables if any(PERSON in column.info for column in table.c)}
    assert [name for name in sorted(held | {"steps", "gaps"}) if f"`{name}`" not in PRIVACY] == []
    assert f"your last {TURNS} questions" in PRIVACY
    assert f"{Settings.model_fields['remember_minutes'].default} minutes unless set otherwise" in PRIVACY
    assert f"for {gaps.KEPT.days} days at most" in PRIVACY
    for command in ("about", "export", "delete"):
        assert f"`/privacy {command}`" in PRIVACY
        assert f"| `/privacy {command}` |" in README


def test_every_file_the_readme_points_at_exists() -> None:
    """No dead links into the project."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
