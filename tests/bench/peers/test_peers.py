"""The comparison is fair and stands by itself: who cannot be run is named, and the others are still compared."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers import __main__ as command
from tests.bench.peers import install as installing
from tests.bench.peers.install import CONSTRAINTS, FAILED, install, last_line
from tests.bench.peers.ranking import rank
from tests.bench.peers.recipes import PACKAGES, PEERS
from tests.bench.peers.running import PeerError, Ranked, Task, _Numbered, run_peer, task_of
from tests.bench.peers.table import lines, result
from tests.bench.squad import Article, Question

TASK = Task(("clay", "glass", "iron"), ("Which one shatters?", "Which one rusts?"), (1, 2))
FOUND = {"versions": {"toy": "1.0"}, "recipes": {"plain": {"rankings": [[1, 0], [0, 2]], "ratio": 1.5}}}

# What a framework may do instead of its work: statements that a stand-in for its interpreter runs.
WORKS = "open(sys.argv[-1], 'w').write(os.environ['FOUND'])"
BREAKS = (
    "print('a hint'); sys.exit('Traceback (most recent call last):\\n  in some file\\nImportError: no such part\\n')"
)


def environment(folder: Path, statement: str) -> Path:
    """Make what looks like an environment, whose interpreter runs this statement whatever it is asked to."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!{sys.executable}\nimport os, sys, time\n{statement}\n", encoding="utf-8")
    python.chmod(0o755)
    return folder


def ask(folder: Path, statement: str, found: Any = FOUND, timeout_s: float = 60) -> list[Ranked]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOUND", found if isinstance(found, str) else json.dumps(found))
        return run_peer(environment(folder / "env", statement), "toy", folder / "given.json", TASK, timeout_s)


def test_what_a_framework_found_is_taken_over(tmp_path: Path) -> None:
    """A recipe's rankings come with the framework's version and its time."""
    assert ask(tmp_path, WORKS) == [Ranked("toy", "plain", {"toy": "1.0"}, ((1, 0), (0, 2)), 1.5)]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (BREAKS, "^failed: ImportError: no such part$"),
        ("os.kill(os.getpid(), 9)", "ended with -9"),
        ("pass", "no result that can be read"),
        ("time.sleep(60)", "had not ended after 0.5 seconds"),
    ],
)
def test_a_framework_that_fails_is_named_with_its_reason(tmp_path: Path, statement: str, reason: str) -> None:
    """Whatever it does instead of its work, there is one sentence that says so."""
    with pytest.raises(PeerError, match=reason) as caught:
        ask(tmp_path, statement, timeout_s=0.5 if "sleep" in statement else 60)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "rankings",
    [[[1, 0]], [[1, 0], [3]], [[1, 0], [-1]], [[1, 1], [0]], None, [1, 2]],
    ids=["a question short", "unknown passage", "before the first", "twice the same", "none", "no lists"],
)
def test_nonsense_is_no_ranking(tmp_path: Path, rankings: Any) -> None:
    """A result that cannot be one is not counted as a bad one."""
    with pytest.raises(PeerError, match="no result that can be read"):
        ask(tmp_path, WORKS, {"versions": {"toy": "1.0"}, "recipes": {"plain": {"rankings": rankings, "ratio": 1}}})


@pytest.mark.parametrize("found", ["", "[]", "{}", '{"versions": {}}'])
def test_a_garbled_result_is_no_result(tmp_path: Path, found: str) -> None:
    """A file that is cut off or of another form is named, not raised through."""
    with pytest.raises(PeerError, match="no result that can be read"):
        ask(tmp_path, WORKS, found)


def test_an_earlier_result_does_not_stand_in(tmp_path: Path) -> None:
    """A framework that writes nothing today is not given yesterday's rankings."""
    (tmp_path / "toy.json").write_text(json.dumps(FOUND), encoding="utf-8")
    with pytest.raises(PeerError, match="no result"):
        ask(tmp_path, "pass")


def test_what_was_not_installed_says_why(tmp_path: Path) -> None:
    """No environment, and a framework that pip could not install, each give their own reason."""
    with pytest.raises(PeerError, match="could not be started"):
        run_peer(tmp_path / "nowhere", "toy", tmp_path / "given.json", TASK)
    folder = environment(tmp_path / "env", WORKS)
    (folder / FAILED).write_text(json.dumps({"toy": "No matching distribution found"}), encoding="utf-8")
    with pytest.raises(PeerError, match="could not be installed: No matching distribution found"):
        run_peer(folder, "toy", tmp_path / "given.json", TASK)


def test_an_unknown_and_an_absent_framework_are_named(tmp_path: Path) -> None:
    """Run for real where no framework is: one has no recipe, the other no package."""
    folder = tmp_path / "env" / "bin"
    folder.mkdir(parents=True)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    given = tmp_path / "given.json"
    given.write_text(json.dumps({"model": "", "passages": TASK.passages, "questions": [], "wanted": 1}))
    with pytest.raises(PeerError, match="there is no recipe for nonesuch, only for txtai, haystack, llama_index"):
        run_peer(folder.parent, "nonesuch", given, TASK)
    with pytest.raises(PeerError, match="failed: ModuleNotFoundError: No module named 'txtai'"):
        run_peer(folder.parent, "txtai", given, TASK)


def test_the_table_stands_without_the_missing() -> None:
    """All measures of the rest are there, by hand: first and not found for theirs, both first for ours."""
    ours = Ranked("tutor", "its own", {"metaverse-tutor": "0.1"}, ((1,), (2,)), 1.1)
    plain = Ranked("toy", "plain", {"toy": "1.0"}, ((1, 0), (0, 2)), 1.5)
    worse = Ranked("toy", "worse", {"toy": "1.0"}, ((0,), (0,)), 1.5)
    content = result(TASK, ours, [plain, worse], {"broken": "failed: ImportError"}, seed=0)
    first, second, third = content["systems"]
    assert [first[name]["value"] for name in ("hit@1", "hit@5", "MRR@10", "nDCG@10")] == [1, 1, 1, 1]
    assert [second[name]["value"] for name in ("hit@1", "hit@5", "MRR@10")] == [0.5, 1, 0.75]
    assert second["nDCG@10"]["value"] == round((1 + 1 / math.log2(3)) / 2, 4)
    assert second["ours ahead at hit@1"] == {"value": 0.5, "low": 0, "high": 1}
    assert third["ours ahead at hit@1"] == {"value": 1, "low": 1, "high": 1}
    shown = list(lines(content))
    assert any(line.startswith("toy 1.0, plain") and "0.750 [0.500, 1.000]" in line for line in shown)
    assert "broken: not measured: failed: ImportError" in shown
    assert shown[-1] == "toy, its best recipe: ours +50.0 points at hit@1 (wanted +3.0): met"


def test_falling_short_is_said_in_points() -> None:
    """Where we are not as far ahead as wanted, the line says by how much."""
    same = Ranked("tutor", "its own", {"metaverse-tutor": "0.1"}, ((1,), (2,)), 1.0)
    content = result(TASK, same, [Ranked("toy", "plain", {"toy": "1"}, ((1,), (2,)), 1.0)], {}, seed=0)
    assert list(lines(content))[-1].endswith("+0.0 points at hit@1 (wanted +3.0): NOT MET, 3.0 points short")


def test_a_kept_result_holds_no_texts_and_can_be_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers, versions, machine and seed alone; the same table comes out of the file."""
    ours = Ranked("tutor", "its own", {"metaverse-tutor": "0.1"}, ((1,), (2,)), 1.1)
    content = result(TASK, ours, [], {}, seed=3)
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(content), encoding="utf-8")
    assert not [text for text in (*TASK.passages, *TASK.questions) if text in kept.read_text(encoding="utf-8")]
    assert content["seed"] == 3
    assert {"processor", "cores", "python", "threads"} <= set(content["machine"])
    monkeypatch.setattr(sys, "argv", ["peers", "--show", str(kept)])
    command.main()
    assert capsys.readouterr().out.splitlines() == list(lines(content))


def articles() -> tuple[Article, ...]:
    def asked(text: str, title: str, paragraph: str, answers: tuple[str, ...]) -> Question:
        return Question(text, title, paragraph, answers)

    clay = Article("clay", ("Soft.", "Shaped by hand."), (asked("How?", "clay", "Shaped by hand.", ("by hand",)),))
    glass = Article(
        "glass", ("Soft.",), (asked("What?", "glass", "Soft.", ("Soft",)), asked("Why?", "glass", "Soft.", ()))
    )
    return clay, glass


def test_paragraphs_are_numbered_across_articles() -> None:
    """The same words in two articles are two passages, and a question without an answer is not asked."""
    assert task_of(articles()) == Task(("Soft.", "Shaped by hand.", "Soft."), ("How?", "What?"), (1, 2))


def test_our_passages_become_the_paragraphs_they_are_from() -> None:
    """A paragraph counts once, at its first passage, and a passage over two counts for the one it has more of."""

    class Found:
        def __init__(self, document: str, start: int, end: int) -> None:
            self.document, self.start, self.end = document, start, end

    class Answered:
        passages = (
            Found("clay.txt", 3, 15),  # two characters of the first paragraph, eight of the second
            Found("clay.txt", 15, 22),
            Found("glass.txt", 0, 5),
            Found("clay.txt", 0, 5),
        )

    numbered = _Numbered(articles())
    assert "\n\n".join(articles()[0].paragraphs)[7:] == "Shaped by hand."
    assert numbered.ranking(Answered()) == [1, 2, 0]  # type: ignore[arg-type]


def test_a_paragraph_that_stands_twice_is_one() -> None:
    """Wherever in its article it is found, it is the same passage."""
    twice = (Article("clay", ("Soft.", "Hard.", "Soft."), (Question("How?", "clay", "Soft.", ("Soft",)),)),)
    assert task_of(twice) == Task(("Soft.", "Hard."), ("How?",), (0,))
    assert [number for number, *_ in _Numbered(twice)._of["clay.txt"]] == [0, 1, 0]


def test_all_questions_are_ranked_and_timed_against_the_bare_model() -> None:
    """Every question is asked, in order, and the ratio is of the time of both."""
    heard: list[str] = []

    def search(question: str) -> list[int]:
        heard.append(question)
        return [len(heard)]

    found = rank(search, lambda question: None, [str(number) for number in range(23)])
    assert heard[-23:] == [str(number) for number in range(23)]
    assert len(found["rankings"]) == 23
    assert found["ratio"] > 0


class Pip:
    """Stands in for pip: fails for what contains a word, and says of another that it brings CUDA."""

    def __init__(self, fails: str = "", cuda: str = "") -> None:
        self.fails, self.cuda, self.installed = fails, cuda, list[str]()

    def __call__(self, *arguments: str) -> str | None:
        names = " ".join(arguments)
        if self.fails and self.fails in names:
            return f"No matching distribution found for {self.fails}"
        if "--report" in arguments:
            name = "nvidia-cublas" if self.cuda and self.cuda in names else "numpy"
            report = {"install": [{"metadata": {"name": name}}]}
            Path(arguments[arguments.index("--report") + 1]).write_text(json.dumps(report), encoding="utf-8")
        else:
            self.installed.append(names)
        return None


def test_one_that_cannot_be_installed_does_not_keep_the_others_out() -> None:
    """Torch comes first; then each by itself, and the one that fails has its reason."""
    pip = Pip(fails="haystack-ai")
    assert install(pip) == {"haystack": "No matching distribution found for haystack-ai"}
    assert pip.installed[0].split()[-1] == "torch"
    assert [name for name in ("txtai", "llama-index-core") if name in " ".join(pip.installed)] == [
        "txtai",
        "llama-index-core",
    ]


@pytest.mark.parametrize(("cuda", "missing"), [("torch", set(PACKAGES)), ("llama-index-core", {"llama_index"})])
def test_cuda_is_never_taken(cuda: str, missing: set[str]) -> None:
    """What would pull gigabytes is refused before it is downloaded, and the reason says what to do."""
    pip = Pip(cuda=cuda)
    failed = install(pip)
    assert set(failed) == missing
    assert all("TORCH_FROM" in reason for reason in failed.values())
    assert not [names for names in pip.installed if cuda in names.split()]


def test_torch_comes_from_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The place of the CPU builds is given to pip for torch alone."""
    monkeypatch.setenv("TORCH_FROM", "--index-url ADDRESS")
    pip = Pip()
    install(pip)
    assert pip.installed[0] == "install --index-url ADDRESS torch"
    assert not [names for names in pip.installed[1:] if "ADDRESS" in names]


def test_every_package_is_pinned() -> None:
    """Each framework's packages have one version, and torch, the same as ours, stands first."""
    pins = [line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    pinned = dict(pin.split("==") for pin in pins)
    ours = Path("requirements", "torch.txt").read_text(encoding="utf-8").splitlines()
    assert f"{pins[0]} \\" in ours
    assert pins[0].startswith("torch==")
    assert [name for names in PACKAGES.values() for name in names if name not in pinned] == []
    assert not [name for name in pinned if installing._CUDA.search(name)]
    assert list(PACKAGES) == list(PEERS)


def test_the_last_line_is_the_reason() -> None:
    """Blank lines behind it do not hide it, and silence is empty."""
    assert last_line("Traceback\n  deep\nImportError: no\n\n") == "ImportError: no"
    assert last_line(os.linesep) == ""
