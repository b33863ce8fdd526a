"""Packs the places of quotes into the hundred characters of a button, so that buttons need no memory.

A state is the generation, then for each place the document's name tag, the start and the length; numbers are
big-endian and the whole is URL-safe base64 without padding. Five places fit, or three with
the front of their hash.
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
# Sixteen hexadecimal digits: nobody finds a second sentence with the same ones.
HASH_BYTES = 8

_GENERATION_BYTES = 6
_TAG_BYTES = 5
_POSITION = struct.Struct(">IH")


@dataclass(frozen=True, slots=True)
class PackedPlace:
    """A place as a button remembers it: the document by its tag, the hash by its first digits or not."""

    tag: bytes
    start: int
    end: int
    sha256_front: str = ""


@dataclass(frozen=True, slots=True)
class PackedPlaces:
    generation: str
    spots: tuple[PackedPlace, ...]


def tag(document: str) -> bytes:
    """Return the short name of a document id; forty bits tell a library's documents apart."""
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).digest()[:_TAG_BYTES]


def packed_place(quote: Quote, *, hashed: bool = False) -> PackedPlace:
    """Return the place of a quote; `hashed` adds the front of its hash."""
    return PackedPlace(tag(quote.document), quote.start, quote.end, quote.sha256[: 2 * HASH_BYTES] if hashed else "")


def fits(start: int, end: int) -> bool:
    """Tell whether a place can stand in a button: quotes are sentences, not chapters."""
    return start < 1 << 32 and end - start < 1 << 16


def pack(state: PackedPlaces) -> str:
    """Return the state as text; all spots have a hash front, or none has."""
    packed = bytes.fromhex(state.generation)
    for each in state.spots:
        packed += each.tag + _POSITION.pack(each.start, each.end - each.start)
        packed += bytes.fromhex(each.sha256_front)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def unpack(text: str, *, hashed: bool) -> PackedPlaces:
    """Read a state back; raise OutdatedButton when the text is none."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise OutdatedButton from None
    size = _TAG_BYTES + _POSITION.size + (HASH_BYTES if hashed else 0)
    body = packed[_GENERATION_BYTES:]
    if not body or len(body) % size:
        raise OutdatedButton
    spots = tuple(_unpacked(body[at : at + size]) for at in range(0, len(body), size))
    return PackedPlaces(packed[:_GENERATION_BYTES].hex(), spots)


def documents_of(spots: Sequence[PackedPlace], documents: Iterable[str]) -> Mapping[bytes, str]:
    """Find the documents whose tags these spots carry; raise OutdatedButton when one is no longer there."""
    wanted = {each.tag for each in spots}
    found = {tag(document): document for document in documents}
    if not wanted <= found.keys():
        raise OutdatedButton
    return {each: found[each] for each in wanted}


def _unpacked(packed: bytes) -> PackedPlace:
    start, length = _POSITION.unpack_from(packed, _TAG_BYTES)
    return PackedPlace(packed[:_TAG_BYTES], start, start + length, packed[_TAG_BYTES + _POSITION.size :].hex())
