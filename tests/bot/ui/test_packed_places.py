"""Buttons carry places through a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OutdatedButton
from bot.ui.answer_buttons import MORE_ID
from bot.ui.limits import MAX_CUSTOM_ID
from bot.ui.packed_places import (
    MAX_CHECKED_PLACES,
    MAX_PLACES,
    PackedPlaces,
    documents_of,
    pack,
    packed_place,
    tag,
    unpack,
)
from bot.ui.quote_buttons import CONTEXT_ID, VERIFY_ID
from index.answering.answer import Quote
from tests.bot import scripted

GENERATIONS = st.binary(min_size=6, max_size=6).map(bytes.hex)
PLACES = st.tuples(st.text(), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))


def at(document: str, start: int, length: int, sha256: str = "") -> Quote:
    return replace(scripted.CLAY, document=document, start=start, end=start + length, sha256=sha256)


@given(GENERATIONS, st.lists(PLACES, min_size=1, max_size=MAX_PLACES))
def test_places_come_back_as_they_went(generation: str, places: list[tuple[str, int, int]]) -> None:
    """Any five places fit into a button and are read back exactly."""
    state = PackedPlaces(generation, tuple(packed_place(at(*place)) for place in places))
    assert unpack(pack(state), hashed=False) == state
    assert len(MORE_ID + pack(state)) <= MAX_CUSTOM_ID
    assert len(CONTEXT_ID + pack(PackedPlaces(generation, state.places[:1]))) <= MAX_CUSTOM_ID


@given(
    GENERATIONS,
    st.lists(PLACES, min_size=1, max_size=MAX_CHECKED_PLACES),
    st.binary(min_size=32, max_size=32),
)
def test_hashes_travel_with_their_places(generation: str, places: list[tuple[str, int, int]], digest: bytes) -> None:
    """Any three places with the front of their hash fit into a button."""
    spots = tuple(packed_place(at(*place, digest.hex()), hashed=True) for place in places)
    state = PackedPlaces(generation, spots)
    assert unpack(pack(state), hashed=True) == state
    assert len(VERIFY_ID + pack(state)) <= MAX_CUSTOM_ID
    assert digest.hex().startswith(spots[0].sha256_front)


@given(st.text(st.sampled_from("abcXYZ019_-"), min_size=1, max_size=90), st.booleans())
def test_a_foreign_state_is_refused_kindly(state: str, hashed: bool) -> None:
    """A custom id from anywhere is read as places or refused with the sentence for people."""
    try:
        unpack(state, hashed=hashed)
    except OutdatedButton as refusal:
        sentence = str(refusal)
    else:
        return
    assert "Ask the question again" in sentence


def test_a_document_that_is_gone_makes_the_button_old() -> None:
    """Tags of documents the library no longer has are not guessed at."""
    spots = [packed_place(at("here", 0, 1)), packed_place(at("gone", 0, 1))]
    assert documents_of(spots[:1], ["here", "there"]) == {tag("here"): "here"}
    with pytest.raises(OutdatedButton):
        documents_of(spots, ["here", "there"])
