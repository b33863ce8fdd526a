"""Packs the places of quotes into a custom id of 100 characters, so that buttons work after a restart.

The packed bytes are the generation, then for each place the tag of the document, the start and the length, big-endian;
all in URL-safe base64 without padding. Five places fit, or three with the start of their SHA-256.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.errors import OutdatedButton
from index.answering.answer import Quote

MAX_PLACES = 5
MAX_CHECKED_PLACES = 3
# 64 bits: finding a second sentence with the same ones is not feasible.
HASH_BYTES = 8

_GENERATION_BYTES = 6
_TAG_BYTES = 5
_POSITION = struct.Struct(">IH")


@dataclass(frozen=True, slots=True)
class PackedPlace:
    """A place with the tag of its document, and the first hexadecimal digits of the quote's SHA-256 or none."""

    tag: bytes
    start: int
    end: int
    sha256_front: str = ""


@dataclass(frozen=True, slots=True)
class PackedPlaces:
    """Places in one generation: the state of a button."""

    generation: str
    places: tuple[PackedPlace, ...]


def tag(document: str) -> bytes:
    """Return the first 40 bits of the SHA-256 of a document id, which tell a library's documents apart."""
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).digest()[:_TAG_BYTES]


def packed_place(quote: Quote, *, hashed: bool = False) -> PackedPlace:
    """Return the place of a quote; `hashed` adds the start of its hash."""
    return PackedPlace(tag(quote.document), quote.start, quote.end, quote.sha256[: 2 * HASH_BYTES] if hashed else "")


def fits(quote: Quote) -> bool:
    """Return whether the place of a quote can be packed: its length is below 2**16."""
    return quote.start < 1 << 32 and quote.end - quote.start < 1 << 16


def pack(state: PackedPlaces) -> str:
    """Return a button's state as text; all places have the start of a hash, or none has."""
    packed = bytes.fromhex(state.generation)
    for each in state.places:
        packed += each.tag + _POSITION.pack(each.start, each.end - each.start)
        packed += bytes.fromhex(each.sha256_front)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def unpack(text: str, *, hashed: bool) -> PackedPlaces:
    """Return the state in a text; raises OutdatedButton when there is none."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise OutdatedButton from None
    size = _TAG_BYTES + _POSITION.size + (HASH_BYTES if hashed else 0)
    body = packed[_GENERATION_BYTES:]
    if not body or len(body) % size:
        raise OutdatedButton
    places = tuple(_unpacked(body[at : at + size]) for at in range(0, len(body), size))
    return PackedPlaces(packed[:_GENERATION_BYTES].hex(), places)


def documents_of(places: Sequence[PackedPlace], documents: Iterable[str]) -> Mapping[bytes, str]:
    """Return the document ids by the tags of these places; raises OutdatedButton when one is missing."""
    wanted = {each.tag for each in places}
    found = {tag(document): document for document in documents}
    if not wanted <= found.keys():
        raise OutdatedButton
    return {each: found[each] for each in wanted}


def _unpacked(packed: bytes) -> PackedPlace:
    start, length = _POSITION.unpack_from(packed, _TAG_BYTES)
    return PackedPlace(packed[:_TAG_BYTES], start, start + length, packed[_TAG_BYTES + _POSITION.size :].hex())
