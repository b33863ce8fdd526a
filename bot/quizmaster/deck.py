"""The items that the live library bears out: a new generation makes a new deck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.quiz.bank import locate, playable, read_bank
from bot.quiz.items import Bank, Item
from bot.source import Place
from index.answer import Quote, quote_at
from index.texts import Texts, quotable


class Library(Protocol):
    """What the deck asks of the tutor."""

    async def texts(self) -> Texts: ...


@dataclass(frozen=True, slots=True)
class Cards:
    """The items whose evidence stands in a generation, and that evidence as quotes."""

    generation: str
    bank: Bank
    quotes: Mapping[str, tuple[Quote, ...]]
    facing: Mapping[tuple[str, str], Quote]
    """The author's words for each side of each contrast, by the ids of contrast and side."""
    texts: Texts

    def item(self, id: str, version: str) -> Item | None:
        """Give an item as it was when it was dealt; None when it was edited or retired since."""
        found = self.bank.by_id.get(id)
        return found if found is not None and found.version == version else None

    def about(self, places: Sequence[Place]) -> list[Item]:
        """Find the items whose evidence stands in the paragraphs of these places, those of the first place first."""
        paragraphs = dict.fromkeys((place.document, self._paragraph(place)) for place in places)
        return list(
            {
                item.id: item
                for document, paragraph in paragraphs
                for item in self.bank.items
                if any((quote.document, quote.paragraph) == (document, paragraph) for quote in self.quotes[item.id])
            }.values()
        )

    def _paragraph(self, place: Place) -> int:
        return self.texts.passages[self.texts.passage_at(place.document, place.start)].number


class Deck:
    """Gives the cards for the generation that is live now, read once for each."""

    def __init__(self, library: Library, read: Callable[[], Bank] = read_bank) -> None:
        """Take where the texts come from; `read` gives all items there are, borne out or not."""
        self._library = library
        self._read = read
        self._bank: Bank | None = None
        self._cards: Cards | None = None

    async def dealt(self) -> Cards:
        """Give the cards as they were when somebody last began or went on: what is on a screen was dealt from them."""
        return self._cards or await self.cards()

    async def cards(self) -> Cards:
        """Give the cards for what is live now; raises LibraryError when there is no library to ask about."""
        texts = await self._library.texts()
        if self._cards is None or self._cards.generation != texts.manifest.generation:
            self._cards = await asyncio.to_thread(self._deal, texts)
        return self._cards

    def _deal(self, texts: Texts) -> Cards:
        if self._bank is None:
            self._bank = self._read()
        by_id = quotable(texts)
        bank = playable(self._bank, by_id)
        quotes = {item.id: _quotes(item.points or (item.quote,), by_id, texts) for item in bank.items}
        facing = {
            (contrast.id, side): quote
            for contrast in bank.contrasts
            for side, claim in contrast.claims.items()
            for quote in _quotes([claim.quote], by_id, texts)
        }
        return Cards(texts.manifest.generation, bank, quotes, facing, texts)


def _quotes(sentences: Sequence[str], by_id: Mapping[str, str], texts: Texts) -> tuple[Quote, ...]:
    places = (locate(sentence, by_id) for sentence in sentences)
    return tuple(quote_at(texts, *place) for place in places if place is not None)
