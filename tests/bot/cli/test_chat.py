"""`tutor chat`: a conversation in the terminal."""

from __future__ import annotations

import os
import re
import sys
import threading
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.cli.terminal import Tutor, built, documents, trades, tutor  # noqa: F401  # fixtures

CLAY = "“Clay remembers the hand that shaped it.”"


def lines(*messages: str) -> bytes:
    return "\n".join(messages).encode()


class TestPipe:
    """With a pipe as stdin."""

    def test_a_conversation(self, built: Tutor, trades: Path) -> None:
        """Responses alone are printed, without a prompt, colours or an echo, until `exit`."""
        assert built("index", "add", trades).code == 0
        done = built("chat", stdin=lines("What does clay remember?", "summarize", "hello", "EXIT", "help"))
        assert (done.code, done.err) == (0, "")
        answer, _, overview = done.out.partition("The main points, one sentence from each document\n\n“")
        assert CLAY in answer
        assert "for the whole winter in jars of clay.”" in overview
        assert done.out.endswith("\n\nHello! Ask me anything about my library and I will answer in its own words.\n\n")
        assert not re.search(r"\x1b|^> |summarize|EXIT", done.out, re.MULTILINE)

    def test_it_goes_on_from_what_was_shown(self, built: Tutor) -> None:
        """`more` never repeats a quote and ends; a clarification begins with the quote that was shown first."""
        more = ["tell me more"] * 12
        out = built("chat", stdin=lines("What does clay remember?", "i dont understand")).out
        assert out.partition("what stands around it")[2].count(CLAY) == 1
        out = built("chat", stdin=lines("What does clay remember?", *more)).out
        quotes = [line for line in out.splitlines() if line.startswith("“")]
        assert len(quotes) > 6
        assert len(quotes) == len(set(quotes))
        assert out.rstrip().endswith("You have seen everything that the library says on this.")

    def test_an_unusual_word_is_explained(self, built: Tutor, tmp_path: Path) -> None:
        """Below a quote that was not understood stands the sentence that says what a rare word of it means."""
        pots = tmp_path / "pots.txt"
        filler = "\n\n".join(f"Shelf {number} holds bowls and plates for sale." for number in range(9))
        pots.write_text(
            f"Dry pots are covered with engobe before the fire.\n\n{filler}\n\nEngobe is a thin layer of liquid clay.",
            encoding="utf-8",
        )
        assert built("index", "add", pots).code == 0
        out = built("chat", stdin=lines("What are dry pots covered with before the fire?", "explain")).out
        assert "On the word “engobe”\n\n“Engobe is a thin layer of liquid clay.”" in out

    def test_another_language(self, built: Tutor) -> None:
        """Who asks in a language in which nothing is found hears which one the documents are in."""
        out = built("chat", stdin=lines("¿Quién escribió el libro de cocina?")).out
        assert "That looks like Spanish to me, and what I have read is in English." in out

    def test_a_follow_up(self, built: Tutor) -> None:
        """A question that does not stand alone is joined to the one before it, also with thanks between them."""
        out = built("chat", stdin=lines("What does clay remember?", "thanks", "And what about glass?")).out
        assert "understood as: " in out
        assert "understood as" not in built("chat", stdin=lines("And what about glass?")).out

    def test_what_next_is_taken_by_its_number(self, built: Tutor) -> None:
        """Next steps are numbered lines; a number shows that one, and another number is a message like any other."""
        out = built("chat", stdin=lines("What does clay remember?", "1", "why?", "9")).out
        answer, _, rest = out.partition("What next? Type a number:\n1. Next: ")
        assert CLAY in answer
        opening = rest.partition("\n")[0].partition(" · ")[0].rstrip("…")
        shown = rest.partition("The next point")[2]
        assert f"“{opening}" in " ".join(shown.split())
        assert shown.count("Type a number") <= 2

    def test_nothing_to_go_on_from(self, built: Tutor) -> None:
        """A conversation that begins with `more`, an empty line and a quiz get one clear sentence each."""
        done = built("chat", stdin=lines("more", "", "  ", "quiz me"))
        assert done.code == 0
        more, empty, again, quiz = done.out.rstrip().split("\n\n")
        assert more.startswith("There is nothing before this to go on from\n")
        assert empty == again == "Type a question, or `exit` to end."
        assert quiz == (
            "The quiz runs on Discord, not in the terminal. `tutor demo` opens a simulated Discord in the browser."
        )

    def test_empty_and_broken_input(self, built: Tutor) -> None:
        """The end of the input ends it without a word; bytes that are not UTF-8 are answered."""
        assert (built("chat").code, built("chat").out) == (0, "")
        done = built("chat", stdin=b"What does clay \xff\xfe remember?\n\xf0\x9f\x98\x80\n" + "مرحبا".encode())
        assert (done.code, done.err) == (0, "")
        assert len(re.split(r"\n\n(?=The |I )", done.out)) == 3

    def test_a_library_that_cannot_be_opened(self, built: Tutor, tmp_path: Path) -> None:
        """It is refused with one line before anything is read."""
        (file,) = (tmp_path / "data" / "generations").glob("*/words.json")
        file.write_bytes(b"[]")
        assert "tutor index" in built("chat", stdin=b"hello").refusal


def test_escape_sequences_of_a_document_do_not_reach_the_terminal(tutor: Tutor, tmp_path: Path) -> None:
    """A document cannot change the terminal's title or colours."""
    (tmp_path / "a.txt").write_text("Clay remembers \x1b]0;owned\x1b[31m the hand that shaped it.", encoding="utf-8")
    assert tutor("index", "build", tmp_path / "a.txt").code == 0
    done = tutor("chat", stdin=lines("What does clay remember?", "summarize"))
    assert "the hand that shaped it" in done.out
    assert "\x1b" not in done.out


def test_a_terminal(built: Tutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal there are a welcome, a prompt, colours and quotes behind a bar; Ctrl-D ends with exit code 0."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    master, slave = os.openpty()
    read: list[bytes] = []

    def reader() -> None:
        while not read or b"END" not in read[-1]:
            read.append(os.read(master, 4096))

    thread = threading.Thread(target=reader)
    thread.start()
    os.write(master, b"What does clay remember?\n\x04")
    monkeypatch.setattr(sys, "argv", ["tutor", "--data", str(tmp_path / "data"), "chat"])
    with open(slave, encoding="utf-8") as stdin, open(slave, "w", encoding="utf-8", closefd=False) as stdout:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as end:
            main()
        stdout.write("END")
        stdout.flush()
        thread.join(timeout=20)
    assert end.value.code == 0
    os.close(master)
    out = b"".join(read).decode()
    assert "Ctrl-D" in out
    assert "> " in out
    assert "\x1b[1mThe " in out  # the lead is bold
    bars = [line for line in out.splitlines() if "▌" in line]
    assert len(bars) > 3
    assert "Clay remembers the hand that shaped" in bars[0]  # wrapped at the width of the terminal
    assert "it." in bars[1]
