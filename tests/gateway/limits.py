"""Discord's limits on what a bot sends, so that what Discord would refuse is refused here as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.gateway.world import EPHEMERAL, V2, parts

Json = dict[str, Any]

_ROW, _BUTTON, _SELECT, _WRITTEN, _TEXT, _LABEL = 1, 2, 3, 4, 10, 18
_SELECTS = (3, 5, 6, 7, 8)
_DEFERRED = 5


def broken_by_message(body: Json, *, was_v2: bool = False) -> Iterator[str]:
    """Name what is wrong with a message or an edit; `was_v2` says that the edited message has the flag of layouts."""
    components = body.get("components") or []
    if body.get("flags", 0) & V2 or was_v2:
        if body.get("content") or body.get("embeds") or body.get("poll"):
            yield "a layout with content, embeds or a poll beside it"
        found = parts(components)
        if len(found) > 40:
            yield f"{len(found)} components"
        written = sum(len(each["content"]) for each in found if each["type"] == _TEXT)
        if written > 4000:
            yield f"{written} characters in a layout"
        if any(each["type"] == _TEXT and not each["content"] for each in found):
            yield "an empty text"
    else:
        if any(each["type"] not in (_ROW, _BUTTON, *_SELECTS) for each in parts(components)):
            yield "a layout without its flag"
        if len(body.get("content") or "") > 2000:
            yield "content of more than 2000 characters"
    yield from _broken_by_controls(components)


def broken_by_mentions(body: Json) -> Iterator[str]:
    """Say so when what is sent may ping somebody."""
    allowed = body.get("allowed_mentions")
    if allowed is None or allowed.get("parse") or allowed.get("users") or allowed.get("roles"):
        yield f"may ping: allowed_mentions is {allowed}"


def broken_by_deferral(kind: int, body: Json) -> Iterator[str]:
    if kind == _DEFERRED and body.get("flags", 0) & ~EPHEMERAL:
        yield "a deferral with another flag than EPHEMERAL"


def broken_by_choices(choices: list[Json]) -> Iterator[str]:
    if len(choices) > 25:
        yield f"{len(choices)} choices"
    for each in choices:
        if not 1 <= len(each["name"]) <= 100 or len(str(each["value"])) > 100:
            yield f"the choice {each['name']!r} is too long"


def broken_by_modal(body: Json) -> Iterator[str]:
    if not 1 <= len(body["title"]) <= 45:
        yield "the title of a form"
    if not 1 <= len(body["components"]) <= 5:
        yield f"{len(body['components'])} parts of a form"
    for each in parts(body["components"]):
        if each["type"] == _LABEL and (len(each["label"]) > 45 or len(each.get("description") or "") > 100):
            yield f"the label {each['label']!r}"
        if each["type"] == _WRITTEN and (each.get("max_length") or 0) > 4000:
            yield "a text of more than 4000 characters"
    yield from _broken_by_controls(body["components"])


def _broken_by_controls(components: list[Json]) -> Iterator[str]:
    found = parts(components)
    ids = [each["custom_id"] for each in found if "custom_id" in each]
    for custom_id in ids:
        if not 1 <= len(custom_id) <= 100:
            yield f"the custom id {custom_id!r}"
    if len(set(ids)) < len(ids):
        yield f"a custom id twice: {sorted(ids)}"
    for each in found:
        if each["type"] == _ROW and not 1 <= len(each["components"]) <= 5:
            yield f"{len(each['components'])} buttons in a row"
        if each["type"] == _BUTTON and len(each.get("label") or "") > 80:
            yield f"the label {each['label']!r}"
        if each["type"] == _SELECT:
            if not 1 <= len(each["options"]) <= 25:
                yield f"{len(each['options'])} options"
            if any(len(option["label"]) > 100 for option in each["options"]):
                yield "the label of an option"
