"""Layouts of checked quotations: within Discord's limits, and nothing in them is alive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.limits import walk
from bot.ui.quotations import quotations_view
from index.quotations.check import check
from tests.index.fakes import CLAY, SEA, library

if TYPE_CHECKING:
    from index.generations.generation import Generation

HOSTILE = "@everyone <@1> **bold** ~~gone~~ [a](http://b.c) `x` # y\n> z"
PIECES = [
    "Clay remembers the hand that shaped it.",
    "Clay never remembers the hand that shaped it.",
    f"Clay remembers {HOSTILE} the hand that shaped it.",
    "The tide turns twice a day while iron rusts where water stays on it for long.",
    HOSTILE,
    "The potter's book",
    "clay",
    "whales",
    "Clay remembers the hand … Iron rusts where water stays",
    "a" * 3000,
    "Salt keeps meat for months at sea. " * 60,
]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return library(tmp_path_factory.mktemp("held"), CLAY, SEA.replace("A sailor's book", HOSTILE))


def texts(view: Any) -> list[str]:
    parts = [part for component in view.to_components() for part in walk(component)]
    return [part["content"] for part in parts if part["type"] == 10]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40), st.sampled_from(["“{}”", "> {}\n", "{}. "]))
def test_every_report_fits_into_a_message(held: Generation, pieces: list[str], form: str) -> None:
    """However many and long the quotations are, no limit is broken (`framed` checks them all) and no text is lost."""
    report = check(held, "\n\n".join(form.format(piece) for piece in pieces))
    shown = "\n".join(texts(quotations_view(report)))
    kinds = len(
        re.findall(r"\*\*(?:Exact|Altered:|Stitched together|Not in the library|Too short to check)\*\*", shown)
    )
    hidden = re.search(r"-# (\d+) more are not shown", shown)
    assert kinds + (int(hidden[1]) if hidden else 0) == len(report.quotations)


def test_nothing_in_a_quotation_is_alive(held: Generation) -> None:
    """What is shown of a hostile text is escaped, in a diff too, and stays in its block."""
    report = check(held, f"“Clay remembers {HOSTILE} the hand that shaped it” “{HOSTILE} so it is not here at all”")
    shown = "\n".join(texts(quotations_view(report)))
    assert not re.search(r"(?<!\\)(?:@everyone|<@|`)", shown)
    assert not re.search(r"(?<!\\)\[a", shown)
    assert r"\~\~gone\~\~" in shown
    assert "\nz" not in shown
