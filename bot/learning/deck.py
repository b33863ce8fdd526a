"""The items that the library of a server bears out: a new generation, or an approved item, makes new cards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.learning.approved import NONE_APPROVED, Approved, ApprovedItems
from bot.libraries.source_text import Place
from bot.quiz.bank import locate, playable, read_bank
from bot.quiz.items import Bank, Item
from bot.store.cache import WriteThroughCache
from index.answering.answer import Quote, quote_at
from index.generations.texts import Texts, blotted_texts

_MOST_CARDS = 16
_Key = tuple[str, int]
"""The generation, and the version of a server's own items, which it shares only with those that have none either."""


class Library(Protocol):
    """What the deck asks of the tutor."""

    async def texts(self, *, server: int | None = None) -> Texts: ...


@dataclass(frozen=True, slots=True)
class Cards:
    """The items whose evidence stands in a generation, and that evidence as quotes."""

    bank: Bank
    quotes: Mapping[str, tuple[Quote, ...]]
    facing: Mapping[tuple[str, str], Quote]
    """The author's words for each side of each contrast, by the ids of contrast and side."""
    texts: Texts
    blotted_texts: Mapping[str, str]
    """The documents by their ids, without what cannot be quoted; see index/generations/texts.py."""
    by_paragraph: Mapping[tuple[str, int], tuple[Item, ...]]
    """The items by document and paragraph of their evidence."""

    def item(self, id: str, version: str) -> Item | None:
        """Give an item as it was when it was dealt; None when it was edited or retired since."""
        found = self.bank.by_id.get(id)
        return found if found is not None and found.version == version else None

    def about(self, places: Sequence[Place]) -> list[Item]:
        """Find the items whose evidence stands in the paragraphs of these places, those of the first place first."""
        found = [item for place in places for item in self.beside(place.document, self._paragraph(place))]
        return list({item.id: item for item in found}.values())

    def beside(self, document: str, paragraph: int) -> tuple[Item, ...]:
        """Find the items whose evidence stands in a paragraph."""
        return self.by_paragraph.get((document, paragraph), ())

    def _paragraph(self, place: Place) -> int:
        return self.texts.passages[self.texts.passage_index_at(place.document, place.start)].number


class Deck:
    """Gives the cards for what is live in a server now, read once for each generation and its approved items."""

    def __init__(
        self, library: Library, approved: ApprovedItems | None = None, read: Callable[[], Bank] = read_bank
    ) -> None:
        """Take where texts and servers' own items come from; `read` gives all items that ship, borne out or not."""
        self._library = library
        self._approved = approved
        self._read = read
        self._bank: Bank | None = None
        # Servers that read the same and have no items of their own share their cards.
        self._cards: WriteThroughCache[_Key, Cards] = WriteThroughCache(_MOST_CARDS)
        self._dealt: WriteThroughCache[int | None, _Key] = WriteThroughCache()

    async def dealt(self, guild: int | None = None) -> Cards:
        """Give the cards as they were when somebody last began or went on there: what is on a screen is from them."""
        key = self._dealt.get(guild)
        cards = self._cards.get(key) if key is not None else None
        return cards or await self.cards(guild)

    async def cards(self, guild: int | None = None) -> Cards:
        """Give the cards for what is live in a server now, in private for the shared library; raises LibraryError."""
        texts = await self._library.texts(server=guild)
        approved = NONE_APPROVED
        if guild is not None and self._approved is not None:
            approved = await self._approved.of(guild)
        key = (texts.manifest.generation, approved.version)
        cards = self._cards.get(key)
        if cards is None:
            cards = await asyncio.to_thread(self._deal, texts, approved)
            self._cards.put(key, cards)
        self._dealt.put(guild, key)
        return cards

    def _deal(self, texts: Texts, approved: Approved) -> Cards:
        if self._bank is None:
            self._bank = self._read()
        by_id = blotted_texts(texts)
        bank = playable(_with(self._bank, approved), by_id)
        quotes = {item.id: quotes_of(item, by_id, texts) for item in bank.items}
        return Cards(
            bank=bank,
            quotes=quotes,
            facing={
                (contrast.id, side): quote
                for contrast in bank.contrasts
                for side, claim in contrast.claims.items()
                for quote in _quotes([claim.quote], by_id, texts)
            },
            texts=texts,
            blotted_texts=by_id,
            by_paragraph=_by_paragraph(bank, quotes),
        )


def quotes_of(item: Item, blotted_texts: Mapping[str, str], texts: Texts) -> tuple[Quote, ...]:
    """Give an item's evidence as quotes; what does not stand in these texts is left out."""
    return _quotes(item.points or (item.quote,), blotted_texts, texts)


def _by_paragraph(bank: Bank, quotes: Mapping[str, tuple[Quote, ...]]) -> Mapping[tuple[str, int], tuple[Item, ...]]:
    found: dict[tuple[str, int], tuple[Item, ...]] = {}
    for item in bank.items:
        for place in {(quote.document, quote.paragraph) for quote in quotes[item.id]}:
            found[place] = (*found.get(place, ()), item)
    return found


def _with(bank: Bank, approved: Approved) -> Bank:
    """Put a server's own items behind those that ship; an id or axis that ships stays what it is."""
    own = [item for item in approved.items if item.id not in bank.by_id]
    return replace(bank, items=(*bank.items, *own), axes={**approved.axes, **bank.axes})


def _quotes(sentences: Sequence[str], by_id: Mapping[str, str], texts: Texts) -> tuple[Quote, ...]:
    places = (locate(sentence, by_id) for sentence in sentences)
    return tuple(quote_at(texts, *place) for place in places if place is not None)
