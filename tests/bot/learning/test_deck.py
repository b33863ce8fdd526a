"""Each server is asked what its own library bears out, and nothing that another one approved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bot.learning.approved import ApprovedItems
from bot.learning.deck import Cards, Deck
from bot.quiz.bank import read_bank
from bot.quiz.review import State
from bot.store import drafts as stored
from bot.store.database import Store
from index.documents.document import Document
from index.generations.manifest import Manifest
from index.generations.texts import Texts
from index.text.passages import Passage, Sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio

BEES = "A colony of honey bees winters as a ball around its queen. In April it doubles in size every three weeks."
QUOTE = "A colony of honey bees winters as a ball around its queen."
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row(id: str = "draft-bees", **changes: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "gap",
        "side": "both",
        "difficulty": 2,
        "quote": QUOTE,
        "gap": "its queen",
        "wrong": ["its honey", "its brood"],
        "why": "From the text on bees.",
        **changes,
    }


def texts_of(text: str) -> Texts:
    """A generation of one document of one passage, made by hand."""
    document = Document(id="a.txt", title="A", text=text, sha256="", headings=())
    passage = Passage("a.txt", 1, 0, len(text), "", (Sentence(0, len(text)),))
    manifest = Manifest(f"{abs(hash(text)):x}"[:12], 4, "", "", "", 0, {}, "", 1, 1, 1, {}, {})
    return Texts(manifest, (document,), (passage,))


@dataclass
class Shelf:
    """Libraries by server; None is the shared one."""

    texts_by_server: dict[int | None, str]
    read: int = 0

    async def texts(self, *, server: int | None = None) -> Texts:
        self.read += 1
        return texts_of(self.texts_by_server.get(server, self.texts_by_server[None]))


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path)
    yield opened
    await opened.close()


async def approve(store: Store, server: int, made: dict[str, Any], *, state: State) -> None:
    async with store.writing() as connection:
        await stored.add(connection, server, [(made["id"], "bees-1", "Bees", made)], NOW)
        if state is not State.PENDING:
            await stored.decide(connection, server, made["id"], state=state, person=1, now=NOW)


def ids(cards: Cards) -> set[str]:
    return {item.id for item in cards.bank.items}


async def test_a_server_is_asked_what_it_approved_and_no_other_is(store: Store) -> None:
    """Pending and rejected drafts are in no deck; an approved one is in its own server's, with its axis and quote."""
    shelf = Shelf({None: BEES})
    await approve(store, 1, row("draft-yes"), state=State.APPROVED)
    await approve(store, 1, row("draft-no"), state=State.REJECTED)
    await approve(store, 1, row("draft-perhaps"), state=State.PENDING)
    deck = Deck(shelf, ApprovedItems(store))
    cards = await deck.cards(1)
    assert ids(cards) == {"draft-yes"}
    assert cards.bank.axes["bees-1"] == "Bees"
    assert cards.quotes["draft-yes"][0].text == QUOTE
    assert ids(await deck.cards(2)) == ids(await deck.cards(None)) == set()


async def test_each_library_bears_out_its_own_items(store: Store) -> None:
    """An item that ships is asked only where the library says its words."""
    item = next(each for each in read_bank().items if not each.points)
    deck = Deck(Shelf({None: item.quote, 7: BEES}), ApprovedItems(store))
    assert item.id in ids(await deck.cards(None))
    assert item.id in ids(await deck.cards(8))
    assert ids(await deck.cards(7)) == set()


async def test_an_approved_item_is_left_out_while_its_words_are_gone(store: Store) -> None:
    """A rebuild without the document takes it out, the next one with it brings it back; so does a new process."""
    shelf = Shelf({None: "Nothing.", 1: BEES})
    await approve(store, 1, row(), state=State.APPROVED)
    deck = Deck(shelf, ApprovedItems(store))
    for text, there in ((BEES, True), ("Nothing of them.", False), (BEES, True)):
        shelf.texts_by_server[1] = text
        assert ("draft-bees" in ids(await deck.cards(1))) is there
        assert ("draft-bees" in ids(await Deck(shelf, ApprovedItems(store)).cards(1))) is there


async def test_what_is_on_a_screen_stays_until_somebody_goes_on(store: Store) -> None:
    """A new generation changes the deck of its server only when somebody begins or goes on there."""
    shelf = Shelf({None: "Nothing.", 1: BEES})
    await approve(store, 1, row(), state=State.APPROVED)
    deck = Deck(shelf, ApprovedItems(store))
    dealt = await deck.cards(1)
    shelf.texts_by_server[1] = "Nothing of them."
    assert await deck.dealt(1) is dealt
    assert ids(await deck.cards(1)) == ids(await deck.dealt(1)) == set()


async def test_servers_that_read_the_same_share_their_cards(store: Store) -> None:
    """A thousand servers with the shared library cost no more than one."""
    deck = Deck(Shelf({None: BEES}), ApprovedItems(store))
    cards = await asyncio.gather(*(deck.cards(server) for server in range(1000)))
    assert len({id(await deck.cards(server)) for server in range(1000)}) == 1
    assert ids(cards[0]) == set()


async def test_no_more_decks_are_kept_than_there_is_room_for(store: Store) -> None:
    """Of many servers with items of their own only the last ones' cards stay; nobody notices but by the time."""
    deck = Deck(Shelf({None: BEES}), ApprovedItems(store))
    for server in range(1, 41):
        await approve(store, server, row(f"draft-{server}"), state=State.APPROVED)
    for server in range(1, 41):
        assert ids(await deck.cards(server)) == {f"draft-{server}"}
    assert len(deck._cards._values) == 16
    assert ids(await deck.dealt(1)) == {"draft-1"}


async def test_an_item_that_ships_cannot_be_replaced(store: Store) -> None:
    """A draft with the name of an item that ships does not push it aside."""
    item = next(each for each in read_bank().items if not each.points)
    await approve(store, 1, row(item.id), state=State.APPROVED)
    cards = await Deck(Shelf({None: f"{item.quote} {BEES}"}), ApprovedItems(store)).cards(1)
    assert cards.bank.by_id[item.id] == item


async def test_an_approved_item_of_a_wider_form_is_left_out(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """What today's form of the bank does not allow is not asked, and the rest is."""
    await approve(store, 1, row("draft-odd", difficulty=9), state=State.APPROVED)
    await approve(store, 1, row("draft-even"), state=State.APPROVED)
    assert ids(await Deck(Shelf({None: BEES}), ApprovedItems(store)).cards(1)) == {"draft-even"}
    assert "draft-odd" in caplog.text
