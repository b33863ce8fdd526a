"""The command line keeps its contract: what goes to stdout, what to stderr, and how it ends."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bot.libraries.opening
from index.errors import ModelError
from index.models.registry import Backend
from tests.bot.cli.terminal import Done, Tutor, built, documents, trades, tutor  # noqa: F401  # fixtures
from tests.conftest import with_openvino
from tests.index.fakes import CLAY, FakeEncoder
from tests.index.files import pdf

ROOT = Path(__file__).parents[3]
ROW = ["id", "question", "act", "understood", "outcome", "confidence", "generation", "seconds", "quotes", "passages"]
QUOTE = ["text", "document", "start", "end", "sha256", "score", "heading"]
ACTS = {
    "overview": "summarize",
    "outline": "how is it structured?",
    "metadata": "who wrote this?",
    "more": "tell me more",
    "clarify": "i dont understand",
    "opinion": "what do you think?",
    "quiz": "quiz me",
    "lesson": "teach me",
    "repair": "that is not what i meant",
    "smalltalk": "good morning",
    "help": "what can you do?",
}
PASSAGE = ["document", "start", "end", "score"]


def batch(folder: Path, *lines: object) -> Path:
    file = folder / "in.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text(text, encoding="utf-8")
    return file


class TestBatch:
    """`tutor ask --batch`: a JSON object a line in, one a line out."""

    def test_the_format(self, built: Tutor, tmp_path: Path) -> None:
        """Keys, order and types are those of the contract, and the quotes can be checked from outside."""
        done = built("ask", "--batch", batch(tmp_path, {"id": 7, "question": "What does clay remember?"}))
        assert (done.code, done.err) == (0, "")
        (row,) = done.rows
        assert list(row) == ROW
        assert (row["id"], row["question"]) == (7, "What does clay remember?")
        assert (row["act"], row["understood"]) == ("question", "What does clay remember?")
        assert row["outcome"] in ("answer", "closest", "not_covered")
        assert 0 <= row["confidence"] <= 1
        assert row["seconds"] > 0
        assert 1 <= len(row["quotes"]) <= 3
        assert 1 <= len(row["passages"]) <= 10
        for quote in row["quotes"]:
            assert list(quote) == QUOTE
            source = built("index", "source", quote["document"]).out
            assert source[quote["start"] : quote["end"]] == quote["text"]
            assert hashlib.sha256(quote["text"].encode()).hexdigest() == quote["sha256"]
        for passage in row["passages"]:
            assert list(passage) == PASSAGE
        for key in ("quotes", "passages"):
            assert [each["score"] for each in row[key]] == sorted((e["score"] for e in row[key]), reverse=True)
        assert row["quotes"][0]["text"] == "Clay remembers the hand that shaped it."

    def test_order_and_count(self, built: Tutor, tmp_path: Path) -> None:
        """A hundred lines give a hundred lines, in the same order, whatever goes together inside."""
        asked = [{"id": n, "question": f"What {'clay' if n % 2 else 'tide'} {n}?"} for n in range(100)]
        done = built("ask", "--batch", batch(tmp_path, *asked))
        assert [(row["id"], row["question"]) for row in done.rows] == [(a["id"], a["question"]) for a in asked]

    def test_one_pass_a_batch(self, built: Tutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The act costs no pass of its own: 40 questions go through the model in two batches."""
        encoder = FakeEncoder()
        monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: encoder)
        asked = [{"id": n, "question": f"What does clay {n} remember?"} for n in range(40)]
        assert {row["act"] for row in built("ask", "--batch", batch(tmp_path, *asked)).rows} == {"question"}
        assert [len(texts) for texts in encoder.asked[-2:]] == [32, 8]
        assert sum("clay 7 " in text for texts in encoder.asked for text in texts) == 1

    def test_bad_lines(self, built: Tutor, tmp_path: Path) -> None:
        """Each bad line gives an id and an error in its place, and the others are answered."""
        lines: list[object] = [
            {"id": "a", "question": "What does clay remember?"},
            "not json",
            "[1]",
            "42",
            {"id": 3, "question": ""},
            {"id": 4, "question": " \n"},
            {"id": 5},
            {"id": 6, "question": ["why"]},
            {"id": 7, "question": "Why?", "history": "before"},
            {"id": 8, "question": "Why?", "history": [1]},
            "[" * 60_000,
            {"question": "What does clay remember?"},
            {"id": {"deep": [1]}, "question": "What does clay remember?", "more": "is ignored", "history": None},
        ]
        done = built("ask", "--batch", batch(tmp_path, *lines))
        assert done.code == 0
        bad = [list(row) == ["id", "error"] for row in done.rows]
        assert bad == [False] + [True] * 10 + [False] * 2
        assert [row["id"] for row in done.rows] == ["a", None, None, None, 3, 4, 5, 6, 7, 8, None, None, {"deep": [1]}]
        assert all(isinstance(row["error"], str) and row["error"] for row in done.rows[1:11])

    def test_nothing_but_bad_lines(self, built: Tutor, tmp_path: Path) -> None:
        """Bad lines alone are no failure; neither is an empty file."""
        assert built("ask", "--batch", batch(tmp_path, "x", "y")).rows[1]["id"] is None
        assert built("ask", "--batch", batch(tmp_path)) == Done(0, "", "")

    def test_history(self, built: Tutor, tmp_path: Path) -> None:
        """A follow-up is answered with its own history, and is given back as it was asked."""
        lines = [
            {"id": 1, "question": "And why?", "history": ["What does clay remember?"]},
            {"id": 2, "question": "And why?", "history": []},
        ]
        first, second = built("ask", "--batch", batch(tmp_path, *lines)).rows
        assert first["question"] == second["question"] == "And why?"
        assert first["quotes"][0]["text"].startswith("Clay")
        assert first["confidence"] != second["confidence"]

    def test_acts(self, built: Tutor, trades: Path, tmp_path: Path) -> None:
        """Each act is named and gives its quotes; what begins a quiz or a lesson gives none."""
        assert built("index", "add", trades).code == 0
        asked = "What does clay remember?"
        lines = [{"id": act, "question": text, "history": [asked, "thanks!"]} for act, text in ACTS.items()]
        rows = {row["id"]: row for row in built("ask", "--batch", batch(tmp_path, *lines)).rows}
        assert {name: row["act"] for name, row in rows.items()} == {act: act for act in ACTS}
        assert [row["question"] for row in rows.values()] == [*ACTS.values()]
        assert all(list(row) == ROW for row in rows.values())
        quoted = {act for act, row in rows.items() if row["quotes"]}
        assert quoted == {"overview", "more", "clarify", "opinion", "repair"}
        assert rows["more"]["understood"] == asked
        assert rows["clarify"]["quotes"][0]["text"] == "Clay remembers the hand that shaped it."
        for row in rows.values():
            for quote in row["quotes"]:
                assert hashlib.sha256(quote["text"].encode()).hexdigest() == quote["sha256"]

    def test_an_overview(self, tutor: Tutor, trades: Path) -> None:
        """The quotes of an overview are in reading order, each with the heading above it."""
        assert tutor("index", "build", trades).code == 0
        row = json.loads(tutor("ask", "summarize", "--json").out)
        assert (row["act"], row["outcome"]) == ("overview", "answer")
        assert len(row["quotes"]) >= 2
        assert [quote["start"] for quote in row["quotes"]] == sorted(quote["start"] for quote in row["quotes"])
        assert {quote["heading"] for quote in row["quotes"]} <= {"Potters", "Sailors", "Smiths"}
        assert all(quote["heading"].lower() in quote["text"] for quote in row["quotes"] if "keep" in quote["text"])
        out = tutor("ask", "summarize").out
        assert out.startswith("The main points, in the author's words\n\n“")
        assert ", Sailors, paragraph" in out

    def test_unicode(self, tutor: Tutor, tmp_path: Path) -> None:
        """Offsets are code points, whatever stands before; ids and questions come back to the character."""
        source = (
            "😀😀 Überall 𝔲𝔫𝔡 nirgends steht ein Emoji.\r\n\r\nThe clay\u2028remembers the hand\u00a0— “so it is”.\r\n"
        )
        (tmp_path / "ü.txt").write_bytes(source.encode())
        assert tutor("index", "build", tmp_path / "ü.txt").code == 0
        question = "What does the clay\u2028remember? 😀\u0085“”"
        (row,) = tutor("ask", "--batch", batch(tmp_path, {"id": "𝔲\u2029", "question": question})).rows
        assert (row["id"], row["question"]) == ("𝔲\u2029", question)
        printed = tutor("index", "source", "ü.txt").out
        assert printed == source
        quote = row["quotes"][0]
        assert quote["document"] == "ü.txt"
        assert "remembers the hand" in quote["text"]
        for each in row["quotes"]:
            assert printed[each["start"] : each["end"]] == each["text"]

    def test_what_no_encoding_can_write(self, built: Tutor, tmp_path: Path) -> None:
        """Half a surrogate pair in a line spoils that line at most, never the ones after it."""
        lines = [
            '{"id": 1, "question": "clay \\ud83d?"}',
            '{"id": "\\udc00", "question": "clay?"}',
            '{"id": 3, "question": "Why?", "history": ["clay \\udfff?"]}',
            '{"id": 4, "question": "clay?"}',
        ]
        done = built("ask", "--batch", batch(tmp_path, *lines))
        assert done.code == 0
        assert [row["id"] for row in done.rows] == [1, "\udc00", 3, 4]
        assert list(done.rows[3]) == ROW

    def test_line_ends_and_mark(self, built: Tutor, tmp_path: Path) -> None:
        """Windows line ends, a byte order mark, blank lines and no last line end are all fine."""
        file = tmp_path / "in.jsonl"
        line = b'{"id": 1, "question": "clay?"}'
        file.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line + b"\n  \n" + line)
        assert [list(row) for row in built("ask", "--batch", file).rows] == [ROW] * 3

    @pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", "a folder"])
    def test_a_file_that_cannot_be_read(self, built: Tutor, tmp_path: Path, content: object) -> None:
        """A missing file, one that is not UTF-8 and a folder are refused with one line that names them."""
        file = tmp_path / "in.jsonl"
        if isinstance(content, bytes):
            file.write_bytes(content)
        elif content is not None:
            file.mkdir()
        assert str(file) in built("ask", "--batch", file).refusal


class TestAsk:
    """`tutor ask QUESTION`."""

    def test_for_people(self, built: Tutor) -> None:
        """The quote is printed in quotation marks, with where it stands, and nothing on stderr."""
        done = built("ask", "What does clay remember?")
        assert (done.code, done.err) == (0, "")
        assert "“Clay remembers the hand that shaped it.”" in done.out

    def test_json(self, built: Tutor) -> None:
        """One JSON object with the keys of a batch row."""
        row = json.loads(built("ask", "What does clay remember?", "--json").out)
        assert list(row) == ROW
        assert row["id"] is None

    def test_a_comparison(self, built: Tutor) -> None:
        """Facing quotes are printed under their sides."""
        out = built("ask", "How does clay differ from glass?").out
        if "does not answer" not in out:
            assert out.index("[clay]") < out.index("[glass]")

    def test_several_questions(self, built: Tutor) -> None:
        """Each quote stands under its question, and one that is not answered says so."""
        known, unknown = "What does clay remember?", "Who painted the ceiling of the chapel?"
        out = built("ask", f"{known} {unknown}").out
        assert out.index(f"[{known}]") < out.index("“Clay remembers the hand") < out.index(f"[{unknown}]")
        assert out[out.index(f"[{unknown}]") :].strip().endswith("does not say.")

    def test_a_greeting(self, tutor: Tutor, tmp_path: Path) -> None:
        """A greeting gets a short reply and needs no library."""
        done = tutor("ask", "hello")
        assert (done.code, done.err) == (0, "")
        assert done.out
        assert not (tmp_path / "data").exists()

    def test_acts(self, built: Tutor, trades: Path) -> None:
        """An act is answered by what it asks for, in plain text without Discord's Markdown and commands."""
        expected = {
            "overview": "main points",
            "outline": "- The potter's book · 55 words",
            "metadata": "3 documents, indexed 20",
            "opinion": "no opinion of my own",
            "quiz": "not in the terminal",
            "lesson": "- A sailor's book · 34 words",
            "smalltalk": "Hello!",
            "help": "“how is it structured”",
        }
        assert built("index", "add", trades).code == 0
        for act, text in ACTS.items():
            done = built("ask", text)
            assert (done.code, done.err) == (0, "")
            assert expected.get(act, "nothing before this") in done.out
            assert "does not answer" not in done.out
            assert not re.search(r"\*\*|^(?:#|-#|>) |`/", done.out, re.MULTILINE)

    @pytest.mark.parametrize("question", ["", "  ", "\n"])
    def test_an_empty_question(self, built: Tutor, question: str) -> None:
        """Nothing asked is refused with one line."""
        assert "question" in built("ask", question).refusal

    @pytest.mark.parametrize(
        "question", ["😀😀😀", "a" * 4000, "@everyone", "مرحبا بالعالم", "\u200b\u202e?", "clay \udcff?"]
    )
    def test_odd_questions(self, built: Tutor, question: str) -> None:
        """Emoji, 4,000 letters, mentions, other scripts and broken characters are answered somehow."""
        done = built("ask", question)
        assert (done.code, done.err) == (0, "")
        assert done.out


class TestUsage:
    """Exit codes: 2 for wrong usage, 1 for a refusal, 0 for help."""

    @pytest.mark.parametrize(
        "arguments",
        [
            ["ask"],
            ["ask", "a question", "--batch", "file"],
            ["ask", "--no-such-option"],
            ["ask", "one", "two"],
            ["nonsense"],
            ["index", "nonsense"],
            ["index", "source"],
            ["eval"],
            ["demo", "--port", "many"],
        ],
    )
    def test_wrong_usage(self, tutor: Tutor, arguments: list[str]) -> None:
        """A command that is called wrongly says so on stderr, exits with 2 and does nothing."""
        done = tutor(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "Traceback" not in done.err
        assert done.err

    @pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["index", "build", "--help"]])
    def test_help(self, tutor: Tutor, arguments: list[str]) -> None:
        """Help is a result: on stdout, with exit code 0."""
        done = tutor(*arguments)
        assert (done.code, done.err) == (0, "")
        assert "Usage" in done.out

    def test_no_token(self, tutor: Tutor) -> None:
        """`tutor run` without a token says where to put one and what works without."""
        refusal = tutor("run").refusal
        assert "TUTOR_DISCORD_TOKEN" in refusal
        assert "tutor demo" in refusal

    def test_faulty_settings(self, tutor: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
        """Settings that cannot be used are named, all of them."""
        monkeypatch.setenv("TUTOR_LOG_LEVEL", "loud")
        monkeypatch.setenv("TUTOR_QUESTIONS_PER_MINUTE", "0")
        done = tutor("index", "status")
        assert (done.code, done.out) == (1, "")
        assert "TUTOR_LOG_LEVEL" in done.err
        assert "TUTOR_QUESTIONS_PER_MINUTE" in done.err
        assert "Traceback" not in done.err

    def test_an_unforeseen_fault(self, built: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
        """What nobody foresaw is one line too, and says how to see more."""

        def broken(*given: object, **options: object) -> object:
            raise ZeroDivisionError("by zero")

        monkeypatch.setattr(bot.libraries.opening, "open_library", broken)
        monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
        refusal = built("ask", "What does clay remember?").refusal
        assert "ZeroDivisionError" in refusal
        assert "TUTOR_LOG_LEVEL=DEBUG" in refusal

    def test_data_from_the_environment(self, built: Tutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """TUTOR_DATA is the same as --data, and --data wins."""
        monkeypatch.setenv("TUTOR_DATA", str(tmp_path / "data"))
        status = built("index", "status", data=None)
        assert (status.code, status.out) == (0, built("index", "status").out)
        assert built("index", "status", data=tmp_path / "elsewhere").code == 1


class TestIndex:
    """`tutor index ...`."""

    def test_build_json(self, tutor: Tutor, documents: Path) -> None:
        """The summary has the keys of the contract, and a rebuild of the same takes everything over."""
        (documents / "picture.png").write_bytes(b"\x89PNG")
        done = tutor("index", "build", documents, "--json")
        row = json.loads(done.out)
        assert list(row) == [
            "generation",
            "documents",
            "passages",
            "encoded",
            "reused",
            "removed",
            "skipped",
            "seconds",
            "live",
            "changes",
            "exam",
            "calibration",
        ]
        assert (row["documents"], row["passages"], row["encoded"], row["reused"], row["removed"]) == (2, 5, 5, 0, 0)
        assert [skipped["name"] for skipped in row["skipped"]] == ["picture.png"]
        assert "picture.png" in done.err
        (documents / "sea.md").unlink()
        again = json.loads(tutor("index", "build", documents, "--json").out)
        assert (again["documents"], again["encoded"], again["reused"], again["removed"]) == (1, 0, 3, 2)

    def test_build_strict(self, tutor: Tutor, documents: Path) -> None:
        """With --strict what cannot be read is named and nothing is built; without it the rest is."""
        (documents / "picture.png").write_bytes(b"\x89PNG")
        (documents / "scan.pdf").write_bytes(pdf([]))
        refusal = tutor("index", "build", documents, "--strict").refusal
        assert "picture.png" in refusal
        assert "scan.pdf holds no text" in refusal
        assert tutor("index", "status").code == 1
        assert tutor("index", "build", documents).code == 0

    def test_a_quote_says_its_page(self, tutor: Tutor, tmp_path: Path) -> None:
        """From a PDF the page is told, in words and in JSON; the other keys stay as they are."""
        (tmp_path / "a.pdf").write_bytes(pdf(["Iron rusts where water stays on it."], ["Clay remembers the hand."]))
        assert tutor("index", "build", tmp_path / "a.pdf").code == 0
        row = json.loads(tutor("ask", "What does clay remember?", "--json").out)["quotes"][0]
        assert list(row) == [*QUOTE, "page"]
        assert (row["text"], row["page"]) == ("Clay remembers the hand.", 2)
        assert "page 2, paragraph 2" in tutor("ask", "What does clay remember?").out

    def test_build_for_people(self, tutor: Tutor, documents: Path) -> None:
        """The result is one sentence on stdout."""
        done = tutor("index", "build", documents)
        assert done.code == 0
        assert "2 documents, 5 passages" in done.out

    def test_without_documents(self, built: Tutor, tmp_path: Path) -> None:
        """A folder without documents, a missing one and an empty file are refused; the live library stays."""
        before = built("index", "status").out
        (tmp_path / "empty").mkdir()
        (tmp_path / "nothing.txt").write_text("", encoding="utf-8")
        for source in (tmp_path / "empty", tmp_path / "nowhere", tmp_path / "nothing.txt"):
            refusal = built("index", "build", source).refusal
            assert source.name in refusal
        assert built("index", "status").out == before

    def test_a_data_folder_that_cannot_be_written(self, tutor: Tutor, tmp_path: Path, documents: Path) -> None:
        """A file where the folder should be is one line that says what to mend."""
        (tmp_path / "file").write_text("x", encoding="utf-8")
        assert "data folder" in tutor("index", "build", documents, data=tmp_path / "file").refusal
        assert "data folder" in tutor("ask", "What does clay remember?", data=tmp_path / "file").refusal

    def test_faulty_aliases(
        self, tutor: Tutor, tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file of spellings that is none is refused by its name."""
        (tmp_path / "aliases.yaml").write_text("clay: klay", encoding="utf-8")
        monkeypatch.setenv("TUTOR_ALIASES", str(tmp_path / "aliases.yaml"))
        assert "aliases.yaml" in tutor("index", "build", documents).refusal

    def test_status(self, built: Tutor) -> None:
        """Status names generation, model and every document, as text and as JSON."""
        out = built("index", "status").out
        row = json.loads(built("index", "status", "--json").out)
        assert row["generation"] in out
        assert row["model"] == "fake"
        assert [document["id"] for document in row["documents"]] == ["clay.txt", "sea.md"]
        assert "clay.txt" in out

    def test_list_and_rollback(self, built: Tutor, documents: Path, tmp_path: Path) -> None:
        """Generations are listed with the live one marked, and a rollback makes another live."""
        first = json.loads(built("index", "status", "--json").out)["generation"]
        assert built("index", "build", documents / "clay.txt").code == 0
        second = json.loads(built("index", "status", "--json").out)["generation"]
        listed = built("index", "list").out
        assert f"* {second}" in listed
        assert f"  {first}" in listed
        assert built("index", "rollback", first).out == first + "\n"
        assert f"* {first}" in built("index", "list").out
        assert "ffffffffffff" in built("index", "rollback", "ffffffffffff").refusal
        assert f"* {first}" in built("index", "list").out

    def test_source(self, built: Tutor) -> None:
        """The source text is printed exactly, and an unknown document is refused with those there are."""
        assert built("index", "source", "clay.txt").out == CLAY
        refusal = built("index", "source", "nowhere.txt").refusal
        assert "nowhere.txt" in refusal
        assert "clay.txt" in refusal

    @pytest.mark.parametrize("command", [["status"], ["source", "clay.txt"], ["rollback"]])
    def test_where_nothing_was_built(self, tutor: Tutor, command: list[str]) -> None:
        """A look at a library that is not there is refused with one line."""
        assert tutor("index", *command).refusal

    def test_a_damaged_index(self, built: Tutor, tmp_path: Path, documents: Path) -> None:
        """A damaged index is refused with how to mend it, never replaced unasked; and that mends it."""
        (file,) = (tmp_path / "data" / "generations").glob("*/words.json")
        file.write_bytes(b"[]")
        for command in (["ask", "What does clay remember?"], ["index", "rollback", file.parent.name]):
            assert "tutor index" in built(*command).refusal
        assert file.read_bytes() == b"[]"
        assert built("index", "build", documents).code == 0
        assert built("ask", "What does clay remember?").code == 0

    def test_a_foreign_index(self, built: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another model is refused with both ways out."""
        monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: FakeEncoder("other"))
        refusal = built("ask", "What does clay remember?").refusal
        assert "tutor index build" in refusal
        assert "TUTOR_MODEL=fake" in refusal

    def test_a_model_that_does_not_load(self, built: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
        """The model's own sentence is what is printed."""

        def refuse(settings: object, *_: object) -> object:
            raise ModelError("The model sulks.")

        monkeypatch.setattr(bot.libraries.opening, "load_encoder", refuse)
        for command in (["ask", "What does clay remember?"], ["index", "build"]):
            assert built(*command).refusal == "The model sulks."


def test_an_empty_data_folder_gets_the_default_library(tutor: Tutor) -> None:
    """The first question builds the essay's index and says so on stderr; stdout has the answer alone."""
    done = tutor("ask", "What is the metaverse?", "--json")
    assert done.code == 0
    assert "no index yet" in done.err
    assert list(json.loads(done.out)) == ROW
    again = tutor("ask", "What is the metaverse?", "--json")
    assert (again.code, again.err) == (0, "")
    assert "000_0796b07b88aaa3a5.txt" in tutor("index", "status").out


def test_eval_refuses_what_is_no_question_set(built: Tutor, tmp_path: Path) -> None:
    """No JSON, no set and no file are each one line."""
    file = tmp_path / "set.json"
    assert str(file) in built("eval", file).refusal
    for content in ("{", "[" * 60_000, '{"answerable": [{}]}', "{}"):
        file.write_text(content, encoding="utf-8")
        assert built("eval", file).refusal


def test_eval_refuses_a_question_about_an_unknown_document(built: Tutor, tmp_path: Path) -> None:
    """The question and the document that the library does not hold are named."""
    file = tmp_path / "set.json"
    rows = [{"question": "Why?", "gold": ["because"], "document": "nowhere.txt"}]
    file.write_text(json.dumps({"answerable": rows}), encoding="utf-8")
    assert "question 1 is about 'nowhere.txt'" in built("eval", file).refusal


@pytest.mark.model
def test_eval_prints_the_essay(tutor: Tutor, essay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tutor eval` with the real model prints what the essay reaches, as text and as JSON."""
    settings, library = essay
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: library.encoder)
    questions = ROOT / "tests" / "essay_questions.json"
    found = json.loads(tutor("eval", questions, "--json", data=settings.data).out)
    assert (found["answerable"], found["unanswerable"]) == (12, 8)
    assert (found["quote_at_3"], found["falsely_answered"], found["not_verbatim"]) == (12, 0, 0)
    assert found["quote_at_1"] >= 10
    assert found["answered"] >= 11
    done = tutor("eval", questions, data=settings.data)
    assert (done.code, done.err) == (0, "")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert f"quote@1 {found['quote_at_1']} of 12" in lines
    assert "quote@3 12 of 12" in lines
    assert "unanswerable questions given `answer` 0 of 8" in lines
    assert "quotes that are not source[start:end] 0" in lines


@pytest.mark.model
@pytest.mark.parametrize("backend", [Backend.TORCH, pytest.param(Backend.OPENVINO, marks=with_openvino)])
def test_from_nothing_to_an_answer_in_a_process_of_its_own(tmp_path: Path, backend: Backend) -> None:
    """The installed command, an empty data folder, an ASCII terminal: JSON on stdout, one notice on stderr."""
    (tmp_path / "in.jsonl").write_text('{"id": 1, "question": "What should we be wary of?"}\nx\n', encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--data", "data", "ask", "--batch", "in.jsonl"],
        capture_output=True,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "TUTOR_BACKEND": backend},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    first, second = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert list(first) == ROW
    assert "wary" in first["quotes"][0]["text"]
    assert list(second) == ["id", "error"]
    complaints = [line for line in done.stderr.decode().splitlines() if " INFO " not in line]
    assert complaints == ["There is no index yet; building the default one."]


def test_whoever_stops_reading_gets_no_traceback(tmp_path: Path) -> None:
    """`tutor ... | head` ends quietly."""
    command = f"{sys.executable} -m bot --data {tmp_path} --help | true"
    done = subprocess.run(
        command,
        shell=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr
