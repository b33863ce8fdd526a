"""The form of the bank's files, checked by pydantic: the fields of each kind of item, and what makes it unusable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.quiz.items import BLANK, Contrast, ItemKind

# The lengths keep every screen of an item within one message of Discord.
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Asked = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Option = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MAX_QUOTE = 600
Quote = Annotated[str, StringConstraints(min_length=1, max_length=MAX_QUOTE)]
Why = Annotated[str, StringConstraints(min_length=1, max_length=300)]

BOTH = "both"


class Unusable(Exception):
    """Why an item or a file cannot be used, and what to do about it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ClaimRow(_Strict):
    """What one side says, in our words and in the author's."""

    claim: Option
    quote: Quote


class ContrastRow(_Strict):
    """One row of the table."""

    id: Id
    axis: str
    about: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    sides: dict[str, ClaimRow]


class ContrastFile(_Strict):
    """The table of contrasts: names of axes and sides by their keys, the names of true and false, the rows."""

    axes: dict[Id, str]
    sides: dict[Id, str]
    truth: tuple[str, str]
    contrasts: list[ContrastRow]

    @model_validator(mode="after")
    def _whole(self) -> ContrastFile:
        for row in self.contrasts:
            if row.axis not in self.axes:
                raise ValueError(f"the contrast {row.id} has the axis {row.axis!r}, which is not one of the axes")
            if set(row.sides) != set(self.sides):
                raise ValueError(f"the contrast {row.id} needs exactly the sides {', '.join(self.sides)}")
        return self


class ItemFile(_Strict):
    """Items of one axis, which are checked one by one later; a title defines the axis if the table does not."""

    axis: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    items: list[Any]


class _Entry(_Strict):
    id: Id
    side: str
    difficulty: Annotated[int, Field(ge=1, le=3)]
    why: Why

    def parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        """Return question, options, key, quote and points; raise Unusable when they do not fit together."""
        if self.side != BOTH and self.side not in table.sides:
            raise Unusable(f"the side {self.side!r} is not one of {', '.join(table.sides)}, {BOTH}")
        return self._parts(table, contrasts)

    def _parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        raise NotImplementedError


class ChoiceEntry(_Entry):
    """One right answer among wrong ones; with `contrast` they are the claims of its two sides, and `wrong` more."""

    kind: Literal[ItemKind.CHOICE]
    question: Asked
    quote: Quote | None = None
    right: Option | None = None
    wrong: tuple[Option, ...]
    contrast: str | None = None

    def _parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        if self.contrast is None:
            if self.right is None or self.quote is None:
                raise Unusable("a choice needs `right` and `quote`, or a `contrast` that has both")
            return _options(self.question, self.right, self.wrong, self.quote)
        row = contrasts.get(self.contrast)
        if row is None or self.side not in row.claims or self.right is not None:
            raise Unusable(f"`contrast` names no row, or stands beside `right`, or `side` is {BOTH}: {self.contrast}")
        own = row.claims[self.side]
        others = [claim.claim for side, claim in row.claims.items() if side != self.side]
        return _options(self.question, own.claim, (*others, *self.wrong), self.quote or own.quote)


class TruthEntry(_Entry):
    """A statement that is true (`holds`) or false according to the author."""

    kind: Literal[ItemKind.TRUTH]
    statement: Asked
    holds: bool
    quote: Quote

    def _parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        return _made(self.statement, table.truth, 0 if self.holds else 1, self.quote)


class SideEntry(_Entry):
    """A statement that the author makes of one side."""

    kind: Literal[ItemKind.SIDE]
    statement: Asked
    quote: Quote

    def _parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        if self.side not in table.sides:
            raise Unusable("a side item needs one of the sides as its `side`")
        return _made(self.statement, tuple(table.sides.values()), list(table.sides).index(self.side), self.quote)


class GapEntry(_Entry):
    """A sentence of the author's with a gap."""

    kind: Literal[ItemKind.GAP]
    quote: Quote
    gap: Option
    wrong: tuple[Option, ...]

    def _parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        if self.quote.count(self.gap) != 1:
            raise Unusable(f"the gap {self.gap!r} must stand in the quote exactly once")
        return _options(self.quote.replace(self.gap, BLANK), self.gap, self.wrong, self.quote)


class FreeEntry(_Entry):
    """A question to be answered in one's own words, and the author's sentences that a good answer covers."""

    kind: Literal[ItemKind.FREE]
    question: Asked
    points: Annotated[tuple[Quote, ...], Field(min_length=1, max_length=3)]

    def _parts(self, table: ContrastFile, contrasts: Mapping[str, Contrast]) -> dict[str, Any]:
        if len(set(self.points)) < len(self.points):
            raise Unusable("two points are the same sentence; leave one of them out")
        return {**_made(self.question, (), -1, self.points[0]), "points": self.points}


Entry = Annotated[ChoiceEntry | TruthEntry | SideEntry | GapEntry | FreeEntry, Field(discriminator="kind")]


def _made(question: str, options: tuple[str, ...], key: int, quote: str) -> dict[str, Any]:
    return {"question": question, "options": options, "key": key, "quote": quote, "points": ()}


def _options(question: str, right: str, wrong: tuple[str, ...], quote: str) -> dict[str, Any]:
    if not 1 <= len(wrong) <= 4:
        raise Unusable("an item with options needs one to four wrong ones")
    options = (right, *wrong)
    folded = [" ".join(option.casefold().split()).rstrip(".") for option in options]
    if folded[0] in folded[1:]:
        raise Unusable(f"two right answers: {right!r} is among the wrong ones too")
    if len(set(folded)) < len(folded):
        raise Unusable("two wrong options say the same; make them different")
    return _made(question, options, 0, quote)
