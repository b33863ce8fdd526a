"""The words and the code that says them fit together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import jinja2
import pytest

import bot
import prompts
from bot.conversation.smalltalk import Phrases, SmallTalk
from bot.ui.limits import MAX_LABEL, MAX_TEXT
from prompts import Words, WordsError, words

SOURCES = Path(bot.__file__).parent


class Call:
    """One place in the code that says something: the keys it may mean, and the values it gives."""

    def __init__(self, path: Path, node: ast.Call) -> None:
        self.where = f"{path.relative_to(SOURCES.parent)}:{node.lineno}"
        (first,) = node.args
        self.keys = frozenset(
            key for pattern in _patterns(first) for key in words.known() if re.fullmatch(pattern, key)
        )
        self.exact = not isinstance(first, ast.JoinedStr)
        self.open = any(keyword.arg is None for keyword in node.keywords)
        self.given = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)

    def fits(self, key: str) -> bool:
        needs = words.needs(key)
        if self.open:
            return self.given <= needs
        # Where the key is put together, one call gives what the neediest of its templates needs.
        return self.given == needs if self.exact else needs <= self.given


def _patterns(key: ast.expr) -> Iterator[str]:
    """Return the keys an expression may come to, as patterns: a part that is not written out may be any one name."""
    match key:
        case ast.Constant(value=str(written)):
            yield re.escape(written)
        case ast.JoinedStr(values=parts):
            yield "".join(re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from _patterns(one)
            yield from _patterns(other)
        case _:
            raise AssertionError(f"line {key.lineno}: a key has to be written out")


def calls() -> Iterator[Call]:
    for path in sorted(SOURCES.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not re.search(r"^from prompts import .*\bwords\b", source, re.MULTILINE):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "words":
                yield Call(path, node)


def test_every_key_is_used_and_exists() -> None:
    """No sentence is missing and none is left over."""
    found = list(calls())
    assert [call.where for call in found if not call.keys] == []
    assert words.known() - frozenset[str]().union(*(call.keys for call in found)) == frozenset()


def test_every_call_gives_what_its_template_needs() -> None:
    """A template gets exactly the values it names, so that no sentence has a hole."""
    faults = [
        f"{call.where}: {key} needs {sorted(words.needs(key))}, gets {sorted(call.given)}"
        for call in calls()
        for key in call.keys
        if not call.fits(key)
    ]
    assert not faults, "\n".join(faults)


def test_plain_sentences_fit() -> None:
    """Sentences without values are never empty and fit into one message; labels fit on a button."""
    for key in sorted(words.known()):
        if words.needs(key):
            continue
        assert 0 < len(words(key)) <= MAX_TEXT / 2, key
        if key.startswith("ask.button."):
            assert len(words(key)) <= MAX_LABEL, key


_MARKED = re.compile(r"(?:#{1,3} |-# |- |> |```|\{%|\*\*)")
_ENDED = re.compile(r"(?:[.:!?…×·%]|\}\}|%\})\Z")
_IN_CODE_OR_PICTURE = ("ask.verify.rows", "progress.picture.")


def test_no_line_ends_in_the_middle_of_a_sentence() -> None:
    """Discord shows every line break, so text that is wrapped in a file is folded there (`>-`).

    Only lists, headings, small print, and what follows the end of a sentence begin a line.
    """
    broken = [
        f"{key}: {line} ⏎ {after}"
        for key in sorted(words.known())
        if not key.startswith(_IN_CODE_OR_PICTURE)
        for line, after in pairwise(words.source(key).splitlines())
        if line.strip() and after.strip() and not _MARKED.match(after)
        if not _ENDED.search(line) and not line.startswith("#") and not line.startswith("```")
    ]
    assert not broken, "\n".join(broken)


def test_a_missing_value_is_an_error() -> None:
    """A template never renders with an empty place."""
    with pytest.raises(jinja2.UndefinedError):
        words("errors.too_many.questions")


def test_an_unknown_key_and_a_number_are_refused(tmp_path: Path) -> None:
    """Faults in the files or the code are named."""
    with pytest.raises(WordsError, match=r"no words under 'ask\.nothing'"):
        words("ask.nothing")
    (tmp_path / "room.yaml").write_text("a: {b: 3}\n", encoding="utf-8")
    with pytest.raises(WordsError, match=r"room\.a\.b holds 3"):
        Words.load(tmp_path, ("room",))


def test_small_talk_phrases_are_written_as_they_are_compared() -> None:
    """A phrase with a capital or a comma could never be heard; every kind has some."""
    data = prompts.read_data("smalltalk.yaml")
    from bot.conversation.smalltalk import tokens

    every = [phrase for phrases in data["phrases"].values() for phrase in phrases]
    assert [phrase for phrase in every + data["fillers"] if " ".join(tokens(phrase)) != phrase] == []
    assert len(every) == len(set(every))
    assert set(Phrases.load().kinds.values()) == set(SmallTalk)
