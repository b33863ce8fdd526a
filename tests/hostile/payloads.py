"""Changes what the gateway tells a bot: ids of buttons and forms, values of options and fields, numbers, structure."""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.hostile.texts import PIECES, hostile_text, mutated

Json = dict[str, Any]

_NUMBERS: tuple[Any, ...] = (
    "0", "-1", "1", str(2**63), str(2**64), str(10**40), "abc", "", " 1", "1.5", "\u0661\u0662", "1_000",
    0, -1, 2**63, 2**64,
    1.5, True, None, [], {},
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**70,
    "",
    [],
    {},
    [[]],
    {"a": 1},
    [None],
    "x" * 6000,
    "\ud800",
    "\x00",
)
_DIGITS = ("0", "9" * 6, "9" * 18, "9" * 19, "-1", "\u0663", "\uff11", "1e3", "", "00000001", " 1")
_KEPT = frozenset(["token"])
"""Without which nobody could answer, and nothing would be learnt."""


def changed_id(rng: random.Random, custom_id: str) -> str:
    """Change the custom id of a button or a form, so that it still has its form or nearly has."""
    *front, last = custom_id.split(":")
    match rng.randrange(8):
        case 0:
            return mutated(rng, custom_id)[:100]
        case 1:
            return custom_id[: rng.randrange(len(custom_id) + 1)]
        case 2:
            return ":".join([*front, rng.choice(_DIGITS)])
        case 3 | 4:
            parts = [*front, last]
            numbers = [place for place, part in enumerate(parts) if part.isdigit()] or [len(parts) - 1]
            parts[rng.choice(numbers)] = str(rng.choice((0, 1, 2, 3, 7, 99, 10**5, 10**17)))
            return ":".join(parts)
        case 5 | 6:
            return ":".join([*front, _state(rng, last)])[:100]
        case _:
            return custom_id + rng.choice(("\n", ":", ":1", " ", "\u0000", "A"))


def _state(rng: random.Random, packed: str) -> str:
    """Change the bytes of a state, which is base64, and pack them again."""
    try:
        data = bytearray(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except ValueError:
        return hostile_text(rng, 30)
    for _ in range(rng.randint(1, 4)):
        if data:
            at = rng.randrange(6, len(data)) if len(data) > 6 and rng.random() < 0.8 else rng.randrange(len(data))
            data[at] = rng.choice((0, 1, 127, 255, rng.randrange(256)))
    if rng.random() < 0.2:
        del data[rng.randrange(len(data) + 1) :]
    return base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode("ascii")


def written_values(rng: random.Random, data: Json) -> Json:
    """Put hostile values into options and fields, of the kinds and within the bounds that Discord holds people to."""
    data = copy.deepcopy(data)
    for holder in _holders(data):
        if isinstance(holder["value"], str) and rng.random() < 0.8:
            holder["value"] = rng.choice((hostile_text(rng), hostile_text(rng, 100), rng.choice(PIECES)))
        elif type(holder["value"]) is int:
            holder["value"] = rng.choice((1, 1, 2, 3))
    return data


def changed_values(rng: random.Random, data: Json) -> Json:
    """Put values of any kind into the options of a command or the fields of a form."""
    data = copy.deepcopy(data)
    for holder in _holders(data):
        holder["value"] = copy.deepcopy(rng.choice(_VALUES))
    return data


def broken_structure(rng: random.Random, body: Json) -> Json:
    """Take parts of a payload out, or put something of another kind in their places."""
    body = copy.deepcopy(body)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        places = [*_places(body)]
        if not places:
            break
        holder, key = rng.choice(places)
        match rng.randrange(3):
            case 0:
                del holder[key]
            case 1:
                holder[key] = copy.deepcopy(rng.choice(_VALUES))
            case _:
                holder[key] = copy.deepcopy(rng.choice(_NUMBERS))
    return body


def extreme_numbers(rng: random.Random, body: Json) -> Json:
    """Put numbers that are none, or too large for any machine, in the places of ids."""
    body = copy.deepcopy(body)
    places = [(holder, key) for holder, key in _places(body) if key == "id" or str(key).endswith("_id")]
    for holder, key in rng.sample(places, min(len(places), rng.randint(1, 3))):
        holder[key] = copy.deepcopy(rng.choice(_NUMBERS))
    return body


def sendable(body: Json) -> Json:
    """Give a payload as JSON carries it."""
    carried: Json = json.loads(json.dumps(body))
    return carried


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """List where something stands inside: what holds it, and its key or number."""
    keys: list[Any] = [*value] if isinstance(value, dict) else [*range(len(value))] if isinstance(value, list) else []
    for key in keys:
        if key not in _KEPT:
            yield value, key
            yield from _places(value[key])


def _holders(value: Any) -> Iterator[Json]:
    if isinstance(value, dict) and "value" in value:
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _holders(inner)
