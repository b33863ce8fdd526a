"""Looks at layouts as Discord would: does anything in them ping, link, or stand outside of its quote?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import discord

from bot.ui import text
from bot.ui.limits import assert_fits
from index.answering.answer import Quote
from tests.hostile.tally import Tally, shown

_ESCAPED = re.compile(r"\\[^0-9A-Za-z\s]")
_FENCED = re.compile(r"```\n.*?\n```", re.DOTALL)
# What Discord acts on, once what a backslash takes the meaning of is gone; `<t:` is what the bot itself writes.
_LIVE = re.compile(r"<[@#:/]|<a:|<id:|@(?:everyone|here)|\]\(|\]\s*\[|[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_TIMESTAMP = re.compile(r"<t:(?!\d{1,11}:[a-zA-Z]>)")
_LIVE_IN_QUOTE = re.compile(r"[\\*_~`|<@:\[\]]|^[^\S\n]*(?:[#>+-]|\d+[.)])", re.MULTILINE)
_LINE_END = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\x00-\x09]")


def look(tally: Tally, view: discord.ui.LayoutView, what: object, quotes: Iterable[Quote] = ()) -> None:
    """Note what in a layout pings or links, and each quote in it that is not one of these, word for word."""
    assert_fits(view)
    said = {text.plain(quote.text) for quote in quotes}
    for content in texts_of(view):
        if fault := alive(content):
            tally.pings.append(f"{fault} in {shown(content)} after {shown(what)}")
        if content.startswith(text.QUOTE_PREFIX) and (read := read_quote(content)) not in said:
            tally.altered.append(f"{shown(read)} is shown as a quote after {shown(what)}")


def alive(content: str) -> str:
    """Say what in a text Discord would act on, or what in it cannot be seen; "" when all is well."""
    bare = _ESCAPED.sub("x", _FENCED.sub("", content))
    for pattern in (_LIVE, _TIMESTAMP, _UNSEEN):
        if found := pattern.search(bare):
            return f"{found[0]!a}"
    if not content.startswith(text.QUOTE_PREFIX):
        return ""
    lines = _LINE_END.split(bare)
    if not all(line.startswith(text.QUOTE_PREFIX) for line in lines):
        return "a line outside of its quote"
    found = _LIVE_IN_QUOTE.search("\n".join(line.removeprefix(text.QUOTE_PREFIX) for line in lines))
    return f"{found[0]!a} in a quote" if found else ""


def read_quote(content: str) -> str:
    """Read a block quote as a reader sees it."""
    return text.unescape("\n".join(line.removeprefix(text.QUOTE_PREFIX) for line in content.split("\n")))


def texts_of(view: discord.ui.LayoutView) -> Iterator[str]:
    """Give every text of a layout as it goes over the wire."""
    for component in view.to_components():  # type: ignore[no-untyped-call]  # as discord.py has it
        yield from _texts(component)


def _texts(component: Any) -> Iterator[str]:
    if component["type"] == discord.ComponentType.text_display.value:
        yield component["content"]
    for child in component.get("components", ()):
        yield from _texts(child)
