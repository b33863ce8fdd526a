"""Checks every layout against Discord's limits before it is sent; discord.py checks only some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import discord

MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_CUSTOM_ID = 100
MAX_LABEL = 80
MAX_FIELD = 4000
MAX_OPTION = 100
"""Characters of the label, the description and the value of an option of a menu."""

LayoutT = TypeVar("LayoutT", bound=discord.ui.LayoutView)


class LayoutError(AssertionError):
    """Discord would reject the layout: a bug."""


def assert_fits(view: LayoutT) -> LayoutT:
    """Return the view; raises LayoutError with every limit that it exceeds."""
    parts = [part for component in _components(view) for part in walk(component)]
    texts = [part["content"] for part in parts if part["type"] == discord.ComponentType.text_display.value]
    faults = []
    if len(parts) > MAX_COMPONENTS:
        faults.append(f"{len(parts)} components, at most {MAX_COMPONENTS}")
    if sum(map(len, texts)) > MAX_TEXT:
        faults.append(f"{sum(map(len, texts))} characters of text, at most {MAX_TEXT}")
    if not all(text.strip() for text in texts):
        faults.append("an empty text")
    custom_ids = [part["custom_id"] for part in parts if "custom_id" in part]
    faults += [f"custom id {each!r}" for each in custom_ids if not 1 <= len(each) <= MAX_CUSTOM_ID]
    if len(set(custom_ids)) < len(custom_ids):
        faults.append("two components with one custom id")
    faults += [f"label {part['label']!r}" for part in parts if len(part.get("label") or "") > MAX_LABEL]
    options = [option for part in parts for option in part.get("options", ())]
    for option in options:
        said = {name: option.get(name) or "" for name in ("label", "description", "value")}
        faults += [f"{name} {text!r} of an option" for name, text in said.items() if len(text) > MAX_OPTION]
        faults += ["an option without a label"] * (not said["label"].strip())
    if faults:
        raise LayoutError("; ".join(faults))
    return view


def _components(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = view.to_components()  # type: ignore[no-untyped-call]  # as discord.py has it
    return components


def walk(component: Any) -> Iterator[Any]:
    """Yield a component, as Discord's JSON has it, and all components inside of it."""
    yield component
    for child in component.get("components", ()):
        yield from walk(child)
    if "accessory" in component:
        yield from walk(component["accessory"])
