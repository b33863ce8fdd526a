"""`tutor quiz generate` and `tutor quiz check` on what it wrote; the model is a fake one, so that nothing is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bot.cli import _quiz, main
from bot.libraries.opening import Library
from index.generations.generation import Generation
from tests.bot.quiz.drafting.town import HARBOUR, MILLS, SCHOOL
from tests.index.fakes import FakeEncoder, library


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return library(tmp_path_factory.mktemp("town"), HARBOUR, MILLS, SCHOOL)


@pytest.fixture
def tutor(generation: Generation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command of the quiz on this library: exit code, stdout, stderr."""
    monkeypatch.setattr(_quiz, "open_announced", lambda settings, folder=None: Library(generation, FakeEncoder()))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tutor", "quiz", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_generated_file_passes_the_check(tutor, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """What is written is a bank of its own: every item is proved, and no guesser does well."""
    file = tmp_path / "drafts.yaml"
    code, out, err = tutor("generate", "--count", "12", "--out", str(file))
    assert (code, out) == (0, "")
    assert "Read each of them" in err
    assert 1 <= sum(len(part["items"]) for part in yaml.safe_load_all(file.read_text(encoding="utf-8"))) <= 12
    code, out, _ = tutor("check", str(file))
    assert code == 0, out
    assert "Every item passes." in out


def test_the_terminal_shows_the_file(tutor) -> None:  # type: ignore[no-untyped-def]
    """Without a file the same goes to stdout, and nothing else does."""
    _, out, _ = tutor("generate", "--count", "12")
    assert all({"axis", "title", "items"} == set(part) for part in yaml.safe_load_all(out))


def test_json_holds_what_a_program_keeps(tutor) -> None:  # type: ignore[no-untyped-def]
    """Generation, and of each draft axis, title and row; only of the document asked for."""
    _, out, _ = tutor("generate", "--json", "--document", "b.txt")
    found = json.loads(out)
    assert set(found) == {"generation", "drafts"}
    assert found["drafts"]
    assert {tuple(sorted(each)) for each in found["drafts"]} == {("axis", "row", "title")}
    assert {each["axis"].split("-")[0] for each in found["drafts"]} == {"b"}


def test_what_cannot_be_done_is_said_in_one_line(tutor, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """An unknown document, and a file that cannot be written."""
    for arguments, said in (
        (("--document", "nowhere"), "no document 'nowhere'"),
        (("--out", str(tmp_path / "missing" / "drafts.yaml")), "cannot be written"),
    ):
        code, out, err = tutor("generate", *arguments)
        assert (code, out) == (1, "")
        assert said in err
        assert len(err.strip().splitlines()) == 1
