"""Describes a quotation that was found: places, differences that do not count, changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.quotations.alignment import Move, Step
from index.quotations.changes import Change, Written, compared, spoken
from index.quotations.verdicts import Checked, Note, Verdict
from index.text.comparison import Kind

if TYPE_CHECKING:
    from index.answering.answer import Quote
    from index.quotations.sources import Source, Sources
    from index.quotations.stretches import Stretch
    from index.text.comparison import Token

BARE = "\u2060\u2060"
"""What `without_bracketed_letters` leaves in a word."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an alignment in one place; `after_ellipsis`: an ellipsis of the quotation leads to it."""

    steps: tuple[Step, ...]
    after_ellipsis: bool
    places: tuple[int, ...]
    """Source tokens in order, from the first word to the last."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation as tokens, and whether it has an insertion in [brackets]."""

    stretch: Stretch
    text: str
    tokens: Sequence[Token]
    has_insertion: bool


class Description:
    """A quotation with the pieces of a source that it was aligned with."""

    def __init__(self, sources: Sources, source: Source, quoted: Quoted, pieces: Sequence[Piece]) -> None:
        self._sources, self._source, self._pieces = sources, source, pieces
        self._stretch, self._text, self._tokens = quoted.stretch, quoted.text, quoted.tokens
        self._has_insertion = quoted.has_insertion

    def exact(self) -> Checked:
        """Describe a quotation that is exact: what differs only in form is noted."""
        notes = {note for piece in self._pieces for note in self._notes(piece.steps)}
        if len(self._pieces) > 1:
            notes.add(Note.ELLIPSIS)
        if self._has_insertion:
            notes.add(Note.INSERTION)
        last = self._pieces[-1].places[-1]
        tail = self._text[self._tokens[-1].end :].strip()[:1]
        following = self._sources.document(self._source, last).text[self._source.tokens.tokens[last].end :][:1]
        if tail and tail in ".,;:!?" and tail != following:
            notes.add(Note.FINAL_MARK)
        return Checked(
            self._stretch,
            Verdict.EXACT,
            pieces=self._quotes(),
            notes=tuple(sorted(notes, key=list(Note).index)),
        )

    def _notes(self, steps: Sequence[Step]) -> Iterator[Note]:
        before: Step | None = None
        for step in steps:
            if step.quoted is None:
                yield Note.SKIPPED
            if step.quoted is None or step.source is None:
                before = None
                continue
            token, other = self._tokens[step.quoted], self._source.tokens.tokens[step.source]
            text = self._sources.document(self._source, step.source).text
            if token.form != other.form or BARE in self._text[token.start : token.end]:
                yield Note.FIRST_LETTER
            elif self._text[token.start : token.end] != text[other.start : other.end]:
                yield Note.TYPOGRAPHY
            if before is not None and before.quoted is not None and before.source is not None:
                left, right = self._tokens[before.quoted].end, self._source.tokens.tokens[before.source].end
                if self._text[left : token.start] != text[right : other.start]:
                    yield Note.SPACING
            before = step

    def altered(self) -> Checked:
        """Describe an altered quotation: the diff from the library's words, and the kinds of changes."""
        spans = self._spans()
        steps = [step for piece in self._pieces for step in piece.steps]
        same = {step.quoted: step.source for step in steps if step.move is Move.SAME}
        used = {step.source for step in steps if step.quoted is not None}
        forms = self._source.tokens.tokens
        quoted = [at for at, token in enumerate(self._tokens) if token.kind is not Kind.GAP or at in same]
        keys = [forms[place].form if (place := same.get(at)) is not None else self._tokens[at].form for at in quoted]
        between = [at for first, last in spans for at in range(first, last + 1)]
        kept = [forms[at] for at in between if self._source.tokens.costs[at] or at in used]
        spoken_there, spoken_here = spoken(kept), spoken(self._tokens)
        diff, changes = compared(
            Written(self._sources.document(self._source, spans[0][0]).text, kept),
            Written(self._text, [self._tokens[at] for at in quoted]),
            keys,
        )
        if sorted(spoken_there) == sorted(spoken_here) and spoken_there != spoken_here:
            changes = frozenset({Change.ORDER}) | (changes & {Change.NEGATION})
        tails = [""] * (len(spans) - 1) + [self._tail()]
        places = tuple(self._sources.quote(self._source, *span, tail) for span, tail in zip(spans, tails, strict=True))
        return Checked(self._stretch, Verdict.ALTERED, places, _sorted(changes), diff)

    def _spans(self) -> list[tuple[int, int]]:
        """Return the ranges of source tokens of the pieces, together unless an ellipsis leads to another sentence."""
        spans: list[tuple[int, int]] = []
        for piece in sorted(self._pieces, key=lambda each: each.places[0]):
            first, last = piece.places[0], piece.places[-1]
            is_apart = (
                piece.after_ellipsis
                and spans
                and (self._sources.sentence(self._source, spans[-1][1]) != self._sources.sentence(self._source, first))
            )
            if spans and not is_apart:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
        return spans

    def stitched(self) -> Checked:
        """Describe a quotation that was put together: the places, and what was changed in them."""
        changes: set[Change] = set()
        for piece in self._pieces:
            changes |= self._changes(piece)
        return Checked(self._stretch, Verdict.STITCHED, self._quotes(), _sorted(changes))

    def _changes(self, piece: Piece) -> frozenset[Change]:
        document = self._sources.document(self._source, piece.places[0])
        first, last = piece.places[0], piece.places[-1]
        same = {step.quoted: step.source for step in piece.steps if step.move is Move.SAME}
        aligned = [step.quoted for step in piece.steps if step.quoted is not None and step.source in piece.places]
        quoted = range(aligned[0], aligned[-1] + 1)
        part = [self._tokens[at] for at in quoted]
        forms = self._source.tokens.tokens
        keys = [forms[place].form if (place := same.get(at)) is not None else self._tokens[at].form for at in quoted]
        return compared(Written(document.text, forms[first : last + 1]), Written(self._text, part), keys)[1]

    def _quotes(self) -> tuple[Quote, ...]:
        tails = [""] * (len(self._pieces) - 1) + [self._tail()]
        return tuple(
            self._sources.quote(self._source, piece.places[0], piece.places[-1], tail)
            for piece, tail in zip(self._pieces, tails, strict=True)
        )

    def _tail(self) -> str:
        """Return the mark that ends the quotation."""
        return self._text[self._tokens[-1].end :].strip()[:1]


def _sorted(changes: frozenset[Change] | set[Change]) -> tuple[Change, ...]:
    """Sort changes, the gravest first, without marks and capitals where there is more."""
    slight = {Change.CAPITALS, Change.PUNCTUATION}
    changes = changes - slight or changes
    return tuple(sorted(changes, key=list(Change).index))
