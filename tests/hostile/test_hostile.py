"""What `python -m tests.bench hostile` does a hundred thousand times, some hundred times."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.hostile import answers, documents, lines, questions
from tests.hostile.tally import Tally

_SEED = 10**6
"""Beyond those of the bench, so that these are other inputs."""


@pytest.mark.parametrize(
    ("run", "count"),
    [
        (questions.run, 400),
        (documents.run, 150),
        (documents.run_packages, 20),
        (answers.run, 200),
        (lines.run, 160),
    ],
)
def test_hostile_inputs_do_no_harm(run: Callable[[int, int], Tally], count: int) -> None:
    """Nothing crashes but by a refusal, nothing hangs, nothing shown pings, and every quote is verbatim."""
    tally = run(count, _SEED)
    assert tally.faults == []
    assert sum(tally.inputs.values()) == count


def test_a_fault_is_counted() -> None:
    """The counting itself finds what it looks for: an error of the program, a slow input; a refusal is none."""
    tally = Tally()
    with tally.one("x", "an input"):
        raise ZeroDivisionError
    with tally.one("x", "an input", limit_s=-1):
        pass
    with tally.one("x", "an input"):
        raise documents.SourceError("The file holds no text.")
    assert (len(tally.crashes), len(tally.hangs), tally.refused) == (1, 1, 1)


@pytest.mark.parametrize(
    "content",
    ["<@1>", "a @everyone", "[x](http://y)", "https://z", "<:a:1>", "<t:x>", "a\u202eb", "> a\nb", "> # a", "> **a**"],
)
def test_what_is_alive_is_found(content: str) -> None:
    """Mentions, links, emoji, what cannot be seen, and lines and marks that leave a quote are told."""
    from tests.hostile.layouts import alive

    assert alive(content)
    assert alive("> a\\*b\n> 1\\. c") == ""
