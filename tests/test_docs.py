"""Compares the manual with the code: settings, commands, paths, packages, dependencies."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from typer.main import get_command

from bot.cli import app
from bot.conversation.recent import TURNS
from bot.libraries import unanswered
from bot.settings import PREFIX, Settings
from bot.store.schema import PERSON, metadata
from tests import manual, packages

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# docs/benchmarks.md is written from measurements: it names what was measured then (tests/bench/test_report.py).
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(page for page in DOCS.glob("*.md") if page.name != "benchmarks.md"),
]
TEXT = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
EVERYTHING = "\n".join(TEXT.values())
ROOMS = ("bot", "index", "prompts", "tests", "deploy", "docs", "requirements")
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def code(text: str) -> Iterator[str]:
    """Yield code spans and the lines of code blocks of a Markdown text, without comments."""
    for block in re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
        yield from (line.partition(" # ")[0] for line in block.splitlines())
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


class TestSettings:
    def test_the_generated_files_are_current(self) -> None:
        """`python -m tests.manual` would write the same: the settings' descriptions are the only source."""
        assert manual.CONFIGURATION.read_text(encoding="utf-8") == manual.configuration()
        assert manual.ENVIRONMENT.read_text(encoding="utf-8") == manual.environment()

    @pytest.mark.parametrize("setting", sorted(Settings.model_fields))
    def test_every_setting_is_described(self, setting: str) -> None:
        """A description is one or more whole sentences."""
        description = Settings.model_fields[setting].description or ""
        assert re.fullmatch(r"[A-Z`].{19,}[.]", description), setting

    def test_no_setting_is_invented(self) -> None:
        """What the manual calls a setting is one."""
        known = {PREFIX + setting.upper() for setting in Settings.model_fields}
        assert set(re.findall(r"\bTUTOR_[A-Z_]+\b", EVERYTHING + CHANGELOG)) <= known

    def test_the_environment_example_is_accepted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The example can be used as it is, and says the defaults."""
        for setting in Settings.model_fields:
            monkeypatch.delenv(PREFIX + setting.upper(), raising=False)
        assert Settings(_env_file=manual.ENVIRONMENT) == Settings(_env_file=None)


class TestCommands:
    def test_every_command_of_the_terminal_is_documented(self) -> None:
        """docs/commands.md has each command and subcommand; no page names one that does not exist."""
        tree = get_command(app).commands  # type: ignore[attr-defined]
        known = {
            f"{name} {sub}" if sub else name for name in tree for sub in ("", *getattr(tree[name], "commands", ()))
        }
        named: dict[str, set[str]] = {page: set(named_commands(text, tree)) for page, text in TEXT.items()}
        assert known - named["docs/commands.md"] == {name for name in tree if hasattr(tree[name], "commands")}
        assert {page: sorted(found - known) for page, found in named.items() if found - known} == {}

    def test_every_slash_command_is_documented(self) -> None:
        """The table of docs/commands.md is `python -m tests.manual`'s; no page names one that does not exist."""
        assert manual.command_page(TEXT["docs/commands.md"]) == TEXT["docs/commands.md"]
        known = {name for name, _ in manual.slash_commands()}
        first = {each.partition(" ")[0] for each in known}
        slash = rf"(?:{'|'.join(sorted(first))})\b(?: [a-z-]+)?"
        named = {found[0].rstrip() for each in code(EVERYTHING) for found in re.finditer(slash, each)}
        groups = {each.partition(" ")[0] for each in known if " " in each}
        wrong = {each for each in named if each not in known | groups and each.partition(" ")[0] not in known}
        assert wrong == set()

    def test_make_targets_exist(self) -> None:
        """Each `make TARGET` of the manual is in the Makefile."""
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        named = {target for each in code(EVERYTHING) for target in re.findall(r"\bmake ((?:[a-z-]+ ?)+)", each)}
        assert named
        assert {target for line in named for target in line.split()} <= targets


def named_commands(text: str, tree: dict[str, Any]) -> Iterator[str]:
    """Yield `ask`, `index build` and so on for each `tutor ...` in the code of a page."""
    for line in code(text):
        for found in re.finditer(r"(?=(?<![\w/-])tutor(?: --[\w-]+(?: [A-Z/][\w/]*)?)* ([a-z]+)(?: ([a-z]+))?)", line):
            name, sub = found.groups()
            if name != "tutor":  # `docker compose exec tutor tutor doctor`: the service, then the program
                yield f"{name} {sub}" if sub and hasattr(tree.get(name), "commands") else name


class TestPaths:
    @pytest.mark.parametrize("page", TEXT)
    def test_every_path_exists(self, page: str) -> None:
        """Files, folders, tests (`path::name`) and modules (`python -m module`) that a page names are there."""
        assert list(missing(TEXT[page])) == []

    @pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
    def test_every_link_leads_somewhere(self, page: str) -> None:
        """Links of pages outside of docs/; those inside are checked by `mkdocs build --strict`."""
        targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT[page])
        assert [target for target in targets if not (ROOT / target).exists()] == []


def missing(text: str) -> Iterator[str]:
    """Yield what a page names in code and the project does not have; capitals (`NAME`, `NNNN`) stand for any name."""
    rooms = "|".join(ROOMS)
    for each in code(text):
        for path, test in re.findall(rf"(?<![\w./-])((?:{rooms})/[\w./-]*)(?:::(\w+))?", each):
            file = ROOT / path.rstrip(".")
            if not (re.search(r"(?<![a-z])[A-Z]{2,}(?![a-z])", path) or path == "deploy/tutor.env"):  # made by people
                if not (file.exists() or file.with_suffix(".py").exists()):  # `bot/app` is a node of the diagram
                    yield path
                elif test and f"def {test}(" not in file.read_text(encoding="utf-8"):
                    yield f"{path}::{test}"
        for module in re.findall(r"python -m (tests[\w.]*)", each):
            file = ROOT / module.replace(".", "/")
            if not (file.with_suffix(".py").exists() or (file / "__main__.py").exists()):
                yield module


class TestArchitecture:
    def test_the_diagram_is_what_the_imports_are(self) -> None:
        """`python -m tests.manual` would draw the same; a circle of packages could not be drawn at all."""
        assert manual.PACKAGES.read_text(encoding="utf-8") == packages.drawing(packages.layers(packages.imports()))
        page = TEXT["docs/architecture.md"]
        assert page == manual.architecture(page)

    def test_the_table_of_formats_is_what_the_code_reads(self) -> None:
        """`python -m tests.manual` would write the same into docs/maintainers.md."""
        page = TEXT["docs/maintainers.md"]
        assert page == manual.maintainers(page)

    def test_a_circle_is_refused(self) -> None:
        """Two packages that import each other have no layer."""
        assert packages.layers({"a": {"b"}, "b": {"c"}, "d": {"c"}}) == [["a"], ["b", "d"], ["c"]]
        with pytest.raises(ValueError, match="cycle"):
            packages.layers({"a": {"b"}, "b": {"a"}})

    def test_every_dependency_has_its_reason(self) -> None:
        """docs/dependencies.md names each package of pyproject.toml, and no other in its table."""
        project = PYPROJECT["project"]
        extras = project["optional-dependencies"]
        asked = [*project["dependencies"], *(each for extra in extras.values() for each in extra)]
        names = {Requirement(each).name for each in asked} - {project["name"]}
        page = TEXT["docs/dependencies.md"]
        assert [name for name in sorted(names) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", page)] == []
        table = {name for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)[1:] for name in row.split(", ")}
        assert {re.sub(r" \(extra `\w+`\)", "", name) for name in table} <= names


def test_the_readme_is_one_page() -> None:
    """What it is, a picture, two commands, links; everything else is in the manual."""
    assert TEXT["README.md"].count("\n") <= 150


def test_the_privacy_page_is_true() -> None:
    """Each table that holds people's ids is named, with the numbers that the code has."""
    page = TEXT["docs/privacy.md"]
    held = {table.name for table in metadata.sorted_tables if any(PERSON in column.info for column in table.c)}
    assert [name for name in sorted(held | {"steps", "gaps"}) if f"`{name}`" not in page] == []
    assert f"your last {TURNS} questions" in page
    assert f"{Settings.model_fields['remember_minutes'].default} minutes unless set otherwise" in page
    assert f"for {unanswered.KEPT.days} days at most" in page


def test_the_changelog_has_its_form() -> None:
    """By version, then by kind of change; what to do before updating comes first."""
    versions = re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]
    assert versions[0].startswith("Unreleased\n")
    for version in versions:
        kinds = re.findall(r"^### (.+)$", version, re.MULTILINE)
        assert kinds[0] == "Read before updating"
        assert kinds[1:] == [each for each in ("Added", "Changed", "Fixed", "Removed") if each in kinds]


def test_the_issue_form_asks_for_the_doctor() -> None:
    """A report of a fault comes with what `tutor doctor` prints."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "fault.yml").read_text(encoding="utf-8"))
    [doctor] = [field for field in form["body"] if field.get("id") == "doctor"]
    assert "tutor doctor" in doctor["attributes"]["label"]
    assert doctor["validations"]["required"] is True
