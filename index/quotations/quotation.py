"""One quotation held against a library: finds its words and decides on the verdict."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.quotations.alignment import Move, Step, align, coded
from index.quotations.changes import is_negation
from index.quotations.descriptions import BARE, Description, Piece, Quoted
from index.quotations.stretches import FEWEST_WORDS
from index.quotations.verdicts import Checked, Verdict
from index.text.comparison import Kind, tokens, without_bracketed_letters
from index.text.words import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.quotations.sources import Source, Sources
    from index.quotations.stretches import Stretch
    from index.text.comparison import Token

_SHARE = 0.6  # of the words of a quotation that has to stand in the library
_CERTAIN_WORDS = 8  # so many in a row are no chance, however much was added
_PIECE_WORDS, _PIECE_TOPIC_WORDS = 4, 2  # fewer, or fewer that are no stop words, are no piece but chance
_OMITTED_WORDS = 12  # left out without an ellipsis; with more a quotation is put together from two places
_REORDERED_WORDS = 3  # left out between neighbours that were put in another order
_EDGE = 4  # tokens at each end of a quotation


class Quotation:
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
        """Compare the quotation with the stretches that may hold it, and describe what was found."""
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
                return self._description(source, pieces).exact()
            if not is_short and self._is_found(pieces, source):
                stitched = self._is_stitched(pieces, source)
                description = self._description(source, pieces)
                found = description.stitched() if stitched else description.altered()
            if not _may_go_on(alignment.steps):
                break
        return found

    def _description(self, source: Source, pieces: Sequence[Piece]) -> Description:
        has_insertion = self._edges_inserted or any(self._is_free)
        return Description(
            self._sources, source, Quoted(self._stretch, self._text, self._tokens, has_insertion), pieces
        )

    def _firsts(self) -> Iterator[int]:
        """Yield the tokens whose first letter may differ: at the beginning, after an ellipsis, and "[T]he"."""
        for at, token in enumerate(self._tokens):
            if token.kind == Kind.WORD:
                is_first = at == 0 or self._tokens[at - 1].kind == Kind.GAP
                if is_first or BARE in self._text[token.start : token.end]:
                    yield at

    def _pieces(self, steps: Sequence[Step], source: Source) -> list[Piece]:
        """Split an alignment where it goes on at another place, without pieces that are there by chance."""
        pieces: list[Piece] = []
        part: list[Step] = []
        after_ellipsis = False
        for step in [*steps, None]:
            if step is None or step.leaps or step.move is Move.ELLIPSIS:
                if places := _word_places(part, source):
                    pieces.append(Piece(tuple(part), after_ellipsis, places))
                part, after_ellipsis = [], step is not None and step.move is Move.ELLIPSIS
            if step is not None and step.move is not Move.ELLIPSIS:
                part.append(step)
        if len(pieces) == 1 or all(each.after_ellipsis for each in pieces[1:]):
            return pieces
        together: dict[tuple[int, int], list[str]] = {}
        for each in pieces:
            together.setdefault(self._sentence(each, source), []).extend(self._matched(each, source))
        return [each for each in pieces if _is_telling(together[self._sentence(each, source)])]

    def _sentence(self, piece: Piece, source: Source) -> tuple[int, int]:
        return self._sources.sentence(source, piece.places[0])

    def _matched(self, piece: Piece, source: Source) -> list[str]:
        return [word for run in self._runs(piece, source) for word in run]

    def _runs(self, piece: Piece, source: Source) -> list[list[str]]:
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

    def _is_found(self, pieces: Sequence[Piece], source: Source) -> bool:
        runs = [run for piece in pieces for run in self._runs(piece, source)]
        matched = [word for run in runs for word in run]
        if len(matched) < FEWEST_WORDS or all(word in STOP_WORDS for word in matched):
            return False
        return len(matched) >= _SHARE * self._words or max(map(len, runs)) >= _CERTAIN_WORDS

    def _is_misleading(self, pieces: Sequence[Piece], source: Source) -> bool:
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

    def _is_stitched(self, pieces: Sequence[Piece], source: Source) -> bool:
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


def _may_go_on(steps: Sequence[Step]) -> bool:
    """Say whether neighbours of the source could hold more: something is missing at an end, or where it leaps."""
    edges = [*steps[:_EDGE], *steps[-_EDGE:]]
    return any(step.leaps for step in steps) or any(step.move is not Move.SAME for step in edges)


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
