"""Holds every quotation of a text against a library and says of each what became of the library's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.documents.decoding import without_surrogates
from index.quotations.alignment import Move, Step, align, coded
from index.quotations.changes import Change, DiffPart, Written, compared, is_negation, spoken
from index.quotations.sources import Source, Sources
from index.quotations.stretches import FEWEST_WORDS, Stretch, stretches
from index.text.comparison import Kind, Token, tokens, without_bracketed_letters
from index.text.words import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.answering.answer import Quote
    from index.generations.generation import Generation

MAX_CHARACTERS = 20_000
"""How much of a text is checked: what takes a second."""
_SHARE = 0.6  # of the words of a quotation that has to stand in the library
_CERTAIN_WORDS = 8  # so many in a row are no chance, however much was added
_PIECE_WORDS, _PIECE_TOPIC_WORDS = 4, 2  # fewer, or fewer that are no stop words, are no piece but chance
_OMITTED_WORDS = 12  # left out without an ellipsis; with more a quotation is put together from two places
_REORDERED_WORDS = 3  # left out between neighbours that were put in another order
_BARE = "\u2060\u2060"  # what `without_bracketed_letters` leaves in a word


class Verdict(StrEnum):
    """What became of the library's words."""

    EXACT = "exact"
    ALTERED = "altered"
    STITCHED = "stitched"
    NOT_FOUND = "not_in_library"
    TOO_SHORT = "too_short"


class Note(StrEnum):
    """What differs in a quotation that counts as exact."""

    SPACING = "spacing"
    TYPOGRAPHY = "typography"
    FIRST_LETTER = "first_letter"
    FINAL_MARK = "final_mark"
    INSERTION = "insertion"
    ELLIPSIS = "ellipsis"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Checked:
    """A quotation and what became of it.

    `pieces` are the places of its words in the library, in the order of the quotation; none unless it was found.
    `changes` are sorted, the gravest first; `diff` is from the library's words to the quotation's.
    """

    stretch: Stretch
    verdict: Verdict
    pieces: tuple[Quote, ...] = ()
    changes: tuple[Change, ...] = ()
    diff: tuple[DiffPart, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The quotations of a text, in order; `cut_at` is the length to which the text was cut, None when it was not."""

    generation: str
    quotations: tuple[Checked, ...]
    cut_at: int | None = None

    def count(self, verdict: Verdict) -> int:
        """Count the quotations with a verdict."""
        return sum(each.verdict is verdict for each in self.quotations)


def check(generation: Generation, text: str) -> Report:
    """Hold the quotations of a text against a library, or all its sentences where it has none."""
    sources = Sources(generation)
    written = without_surrogates(text)
    known: dict[str, Checked] = {}
    found = []
    for stretch in stretches(written[:MAX_CHARACTERS]):
        same = known.get(stretch.text)
        if same is None:
            same = known[stretch.text] = _Quotation(sources, stretch).checked()
        found.append(Checked(stretch, same.verdict, same.pieces, same.changes, same.diff, same.notes))
    return Report(generation.id, tuple(found), MAX_CHARACTERS if len(written) > MAX_CHARACTERS else None)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an alignment in one place; `after_ellipsis`: an ellipsis of the quotation leads to it."""

    steps: tuple[Step, ...]
    after_ellipsis: bool
    places: tuple[int, ...]
    """Source tokens in order, from the first word to the last."""


class _Quotation:
    """One stretch of a text, compared with a library."""

    def __init__(self, sources: Sources, stretch: Stretch) -> None:
        self._sources, self._stretch = sources, stretch
        self._text = without_bracketed_letters(stretch.text)
        found = tokens(self._text)
        is_free = _inserted(found)
        spoken = [n for n, token in enumerate(found) if not is_free[n] and token.kind in (Kind.WORD, Kind.SYMBOL)]
        if not spoken:  # all of it is in brackets
            is_free = [False] * len(found)
            spoken = [n for n, token in enumerate(found) if token.kind in (Kind.WORD, Kind.SYMBOL)]
        span = slice(spoken[0], spoken[-1] + 1)
        self._tokens, self._is_free = found[span], is_free[span]
        self._edges_inserted = any(is_free[: span.start]) or any(is_free[span.stop :])
        self._words = len(spoken)

    def checked(self) -> Checked:
        words = [token.form.lower() for token in self._tokens if token.kind == Kind.WORD]
        is_short = self._words < FEWEST_WORDS
        found = Checked(self._stretch, Verdict.TOO_SHORT if is_short else Verdict.NOT_FOUND)
        numbers = self._sources.numbers
        quoted = coded(self._tokens, np.array(self._is_free), numbers)
        letters = {at: numbers.of(_swapped(self._tokens[at].form))[0] for at in self._firsts()}
        for source in self._sources.nearest(words) if words else ():
            alignment = align(quoted, source.tokens, source.ranges, letters)
            pieces = self._pieces(alignment.steps, source)
            if alignment.cost == 0 and not self._is_misleading(pieces, source):
                return self._exact(pieces, source)
            if not is_short and self._is_found(pieces, source):
                stitched = self._is_stitched(pieces, source)
                found = self._stitched(pieces, source) if stitched else self._altered(pieces, source)
        return found

    def _firsts(self) -> Iterator[int]:
        """Yield the tokens whose first letter may differ: at the beginning, after an ellipsis, and "[T]he"."""
        for at, token in enumerate(self._tokens):
            if token.kind == Kind.WORD:
                is_first = at == 0 or self._tokens[at - 1].kind == Kind.GAP
                if is_first or _BARE in self._text[token.start : token.end]:
                    yield at

    def _pieces(self, steps: Sequence[Step], source: Source) -> list[_Piece]:
        """Split an alignment where it goes on at another place, without pieces that are there by chance."""
        pieces: list[_Piece] = []
        part: list[Step] = []
        after_ellipsis = False
        for step in [*steps, None]:
            if step is None or step.leaps or step.move is Move.ELLIPSIS:
                if places := _word_places(part, source):
                    pieces.append(_Piece(tuple(part), after_ellipsis, places))
                part, after_ellipsis = [], step is not None and step.move is Move.ELLIPSIS
            if step is not None and step.move is not Move.ELLIPSIS:
                part.append(step)
        if len(pieces) == 1 or all(each.after_ellipsis for each in pieces[1:]):
            return pieces
        together: dict[tuple[int, int], list[str]] = {}
        for each in pieces:
            together.setdefault(self._sentence(each, source), []).extend(self._matched(each, source))
        return [each for each in pieces if _is_telling(together[self._sentence(each, source)])]

    def _sentence(self, piece: _Piece, source: Source) -> tuple[int, int]:
        return self._sources.sentence(source, piece.places[0])

    def _matched(self, piece: _Piece, source: Source) -> list[str]:
        return [word for run in self._runs(piece, source) for word in run]

    def _runs(self, piece: _Piece, source: Source) -> list[list[str]]:
        """Return the words of a piece that the library has, those without a change between them together."""
        runs: list[list[str]] = [[]]
        for step in piece.steps:
            if step.quoted is None or step.source is None:
                runs.append([])
                continue
            token, other = self._tokens[step.quoted], source.tokens.tokens[step.source]
            if token.form.lower() != other.form.lower():
                runs.append([])
            elif token.kind in (Kind.WORD, Kind.SYMBOL):
                runs[-1].append(token.form.lower())
        return runs

    def _is_found(self, pieces: Sequence[_Piece], source: Source) -> bool:
        runs = [run for piece in pieces for run in self._runs(piece, source)]
        matched = [word for run in runs for word in run]
        if len(matched) < FEWEST_WORDS or all(word in STOP_WORDS for word in matched):
            return False
        return len(matched) >= _SHARE * self._words or max(map(len, runs)) >= _CERTAIN_WORDS

    def _is_misleading(self, pieces: Sequence[_Piece], source: Source) -> bool:
        """Say whether an ellipsis leaves out a negation of the same sentence, or leads far away for a word or two."""
        for one, other in pairwise(pieces):
            left, right = one.places[-1], other.places[0]
            first, second = self._sources.sentence(source, left), self._sources.sentence(source, right)
            if first == second and any(is_negation(t.form.lower()) for t in source.tokens.tokens[left + 1 : right]):
                return True
            shortest = min(len(self._matched(one, source)), len(self._matched(other, source)))
            if shortest < FEWEST_WORDS and abs(first[0] - second[0]) > 1:
                return True
        return False

    def _is_stitched(self, pieces: Sequence[_Piece], source: Source) -> bool:
        """Say whether pieces are of different places, not of one sentence or of neighbours in another order."""
        ordered = sorted(pieces, key=lambda each: each.places[0])
        is_in_order = ordered == list(pieces)
        for one, other in pairwise(ordered):
            last, first = one.places[-1], other.places[0]
            left_out = self._sources.words_between(source, last, first) if first > last else 0
            if self._sources.sentence(source, last) == self._sources.sentence(source, first):
                continue
            if left_out > (_OMITTED_WORDS if is_in_order else _REORDERED_WORDS) and not other.after_ellipsis:
                return True
            if other.after_ellipsis and not is_in_order:
                return True
        return False

    def _exact(self, pieces: Sequence[_Piece], source: Source) -> Checked:
        notes = {note for piece in pieces for note in self._notes(piece.steps, source)}
        if len(pieces) > 1:
            notes.add(Note.ELLIPSIS)
        if self._edges_inserted or any(self._is_free):
            notes.add(Note.INSERTION)
        last = pieces[-1].places[-1]
        tail = self._text[self._tokens[-1].end :].strip()[:1]
        following = self._sources.document(source, last).text[source.tokens.tokens[last].end :][:1]
        if tail and tail in ".,;:!?" and tail != following:
            notes.add(Note.FINAL_MARK)
        return Checked(
            self._stretch,
            Verdict.EXACT,
            pieces=self._quotes(pieces, source),
            notes=tuple(sorted(notes, key=list(Note).index)),
        )

    def _notes(self, steps: Sequence[Step], source: Source) -> Iterator[Note]:
        before: Step | None = None
        for step in steps:
            if step.quoted is None:
                yield Note.SKIPPED
            if step.quoted is None or step.source is None:
                before = None
                continue
            token, other = self._tokens[step.quoted], source.tokens.tokens[step.source]
            text = self._sources.document(source, step.source).text
            if token.form != other.form or _BARE in self._text[token.start : token.end]:
                yield Note.FIRST_LETTER
            elif self._text[token.start : token.end] != text[other.start : other.end]:
                yield Note.TYPOGRAPHY
            if before is not None and before.quoted is not None and before.source is not None:
                left, right = self._tokens[before.quoted].end, source.tokens.tokens[before.source].end
                if self._text[left : token.start] != text[right : other.start]:
                    yield Note.SPACING
            before = step

    def _altered(self, pieces: Sequence[_Piece], source: Source) -> Checked:
        places = sorted(place for piece in pieces for place in piece.places)
        quote = self._sources.quote(source, places[0], places[-1], self._tail())
        same = {step.quoted: step.source for piece in pieces for step in piece.steps if step.move is Move.SAME}
        forms = source.tokens.tokens
        keys = [
            forms[at].form if (at := same.get(number)) is not None else token.form
            for number, token in enumerate(self._tokens)
        ]
        kept = [forms[at] for at in range(places[0], places[-1] + 1) if source.tokens.costs[at] or at in same.values()]
        diff, changes = compared(
            Written(self._sources.document(source, places[0]).text, kept), Written(self._text, self._tokens), keys
        )
        if sorted(spoken(kept)) == sorted(spoken(self._tokens)) and spoken(kept) != spoken(self._tokens):
            changes = frozenset({Change.ORDER}) | (changes & {Change.NEGATION})
        return Checked(self._stretch, Verdict.ALTERED, (quote,), _sorted(changes), diff)

    def _stitched(self, pieces: Sequence[_Piece], source: Source) -> Checked:
        changes: set[Change] = set()
        for piece in pieces:
            changes |= self._changes(piece, source)
        return Checked(self._stretch, Verdict.STITCHED, self._quotes(pieces, source), _sorted(changes))

    def _changes(self, piece: _Piece, source: Source) -> frozenset[Change]:
        document = self._sources.document(source, piece.places[0])
        first, last = piece.places[0], piece.places[-1]
        same = {step.quoted: step.source for step in piece.steps if step.move is Move.SAME}
        aligned = [step.quoted for step in piece.steps if step.quoted is not None and step.source in piece.places]
        quoted = range(aligned[0], aligned[-1] + 1)
        part = [self._tokens[at] for at in quoted]
        forms = source.tokens.tokens
        keys = [forms[place].form if (place := same.get(at)) is not None else self._tokens[at].form for at in quoted]
        return compared(Written(document.text, forms[first : last + 1]), Written(self._text, part), keys)[1]

    def _quotes(self, pieces: Sequence[_Piece], source: Source) -> tuple[Quote, ...]:
        tails = [""] * (len(pieces) - 1) + [self._tail()]
        return tuple(
            self._sources.quote(source, piece.places[0], piece.places[-1], tail)
            for piece, tail in zip(pieces, tails, strict=True)
        )

    def _tail(self) -> str:
        """Return the mark that ends the quotation."""
        return self._text[self._tokens[-1].end :].strip()[:1]


def _is_telling(words: Sequence[str]) -> bool:
    """Say whether so many words in one place are no chance."""
    return len(words) >= _PIECE_WORDS and sum(word not in STOP_WORDS for word in words) >= _PIECE_TOPIC_WORDS


def _word_places(steps: Sequence[Step], source: Source) -> tuple[int, ...]:
    """List the source tokens of a piece, without marks at both ends."""
    places = [step.source for step in steps if step.source is not None]
    words = [n for n, at in enumerate(places) if source.tokens.tokens[at].kind in (Kind.WORD, Kind.SYMBOL)]
    return tuple(places[words[0] : words[-1] + 1]) if words else ()


def _inserted(found: Sequence[Token]) -> list[bool]:
    """Say of each token whether it is part of an insertion in [brackets] that reverses nothing."""
    is_free = [False] * len(found)
    start: int | None = None
    for at, token in enumerate(found):
        if token.form == "[":
            start = at
        elif token.form == "]" and start is not None:
            if not any(is_negation(each.form.lower()) for each in found[start:at]):
                is_free[start : at + 1] = [True] * (at + 1 - start)
            start = None
    return is_free


def _swapped(form: str) -> str:
    return form[:1].swapcase() + form[1:]


def _sorted(changes: frozenset[Change] | set[Change]) -> tuple[Change, ...]:
    """Sort changes, the gravest first, without marks and capitals where there is more."""
    slight = {Change.CAPITALS, Change.PUNCTUATION}
    changes = changes - slight or changes
    return tuple(sorted(changes, key=list(Change).index))
