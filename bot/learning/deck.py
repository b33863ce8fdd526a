"""The deck of a server: the items that its library bears out, with their evidence as quotes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
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
"""A generation and a version of approved items. Servers without approved items share the version 0, so their cards."""


class TextSource(Protocol):
    """The part of the answering engine that returns the texts of a server's live generation."""

    async def texts(self, *, server: int | None = None) -> Texts:
        """Return the documents of the live generation of a server (None: the shared library's)."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The items whose quotes are in a generation, and those quotes by item.

    `facing`: the quote of each side of each contrast, by the ids of contrast and side. `blotted_texts`: the documents
    by id without what cannot be quoted, see index/generations/texts.py. `by_paragraph`: the items by the document and
    paragraph of their quotes.
    """

    bank: Bank
    quotes: Mapping[str, tuple[Quote, ...]]
    facing: Mapping[tuple[str, str], Quote]
    texts: Texts
    blotted_texts: Mapping[str, str]
    by_paragraph: Mapping[tuple[str, int], tuple[Item, ...]]

    def item(self, id: str, version: str) -> Item | None:
        """Return an item; None when it was edited or retired since this version."""
        found = self.bank.by_id.get(id)
        return found if found is not None and found.version == version else None

    def quote(self, sentence: str) -> Quote | None:
        """Return a sentence as a quote; None when no document has it."""
        return next(iter(_quotes([sentence], self.blotted_texts, self.texts)), None)

    def sentence_around(self, quote: Quote) -> Quote:
        """Return the whole sentence that a quote is a part of; the quote itself when it is part of none."""
        passage = self.texts.passages[self.texts.passage_index_at(quote.document, quote.start)]
        spans = (each for each in passage.sentences if each.start <= quote.start and quote.end <= each.end)
        found = next(spans, None)
        return quote if found is None else quote_at(self.texts, quote.document, found.start, found.end)

    def about(self, places: Sequence[Place]) -> list[Item]:
        """Return the items with a quote in the paragraphs of these places, in the order of the places."""
        passages = (self.texts.passages[self.texts.passage_index_at(place.document, place.start)] for place in places)
        found = [item for each in passages for item in self.beside(each.document, each.number)]
        return list({item.id: item for item in found}.values())

    def beside(self, document: str, paragraph: int) -> tuple[Item, ...]:
        """Return the items with a quote in a paragraph."""
        return self.by_paragraph.get((document, paragraph), ())


class Deck:
    """Returns the cards of each server; computed once for each generation and set of approved items."""

    def __init__(self, source: TextSource, approved: ApprovedItems) -> None:
        self._source = source
        self._approved = approved
        self._bank: Bank | None = None
        self._cards: WriteThroughCache[_Key, Cards] = WriteThroughCache(_MOST_CARDS)
        self._last: WriteThroughCache[int | None, _Key] = WriteThroughCache()

    async def dealt(self, guild: int | None = None) -> Cards:
        """Return the cards that `cards` last returned for a server, which its screens show; else the current ones."""
        key = self._last.get(guild)
        cards = self._cards.get(key) if key is not None else None
        return cards or await self.cards(guild)

    async def cards(self, guild: int | None = None) -> Cards:
        """Return the cards of a server's live generation (None: the shared library's); raises LibraryError."""
        texts = await self._source.texts(server=guild)
        approved = NONE_APPROVED if guild is None else await self._approved.of(guild)
        key = (texts.manifest.generation, approved.version)
        cards = self._cards.get(key)
        if cards is None:
            cards = await asyncio.to_thread(self._deal, texts, approved)
            self._cards.put(key, cards)
        self._last.put(guild, key)
        return cards

    def _deal(self, texts: Texts, approved: Approved) -> Cards:
        if self._bank is None:
            self._bank = read_bank()
        by_id = blotted_texts(texts)
        bank = playable(_with(self._bank, approved), by_id)
        quotes = {item.id: quotes_of(item, by_id, texts) for item in bank.items}
        by_paragraph: dict[tuple[str, int], tuple[Item, ...]] = {}
        for item in bank.items:
            for place in {(quote.document, quote.paragraph) for quote in quotes[item.id]}:
                by_paragraph[place] = (*by_paragraph.get(place, ()), item)
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
            by_paragraph=by_paragraph,
        )


def quotes_of(item: Item, blotted_texts: Mapping[str, str], texts: Texts) -> tuple[Quote, ...]:
    """Return an item's evidence as quotes, without what these texts do not contain."""
    return _quotes(item.points or (item.quote,), blotted_texts, texts)


def _with(bank: Bank, approved: Approved) -> Bank:
    """Append a server's own items; an id or axis that ships keeps its meaning."""
    own = [item for item in approved.items if item.id not in bank.by_id]
    return replace(bank, items=(*bank.items, *own), axes={**approved.axes, **bank.axes})


def _quotes(sentences: Sequence[str], by_id: Mapping[str, str], texts: Texts) -> tuple[Quote, ...]:
    places = (locate(sentence, by_id) for sentence in sentences)
    return tuple(quote_at(texts, *place) for place in places if place is not None)
