"""Sentences of long stretches: found in linear time, and as if the whole stretch had been read at once."""

from __future__ import annotations

import time

import pytest
from sentencex import get_sentence_boundaries

from index.documents.document import read_sources
from index.text.boundaries import _WINDOW, _sentence_ends
from index.text.sentences import sentences
from tests.index.conftest import ROOT

SCRIPTS = {
    "Chinese without a stop": "潮水每天漲落兩次",
    "Chinese with stops": "潮水每天漲落兩次,港口在早晨裝滿了水。",
    "Arabic without a stop": "يرتفع المد مرتين في اليوم ",
    "Thai": "น้ำขึ้นวันละสองครั้ง",
    "Latin without a space": "tides",
    "emoji": "🌊⛵",
    "English": "The tide turns twice a day, and the harbour fills. ",
}


def stretch(piece: str, characters: int) -> str:
    return (piece * (characters // len(piece) + 1))[:characters]


@pytest.mark.parametrize("script", SCRIPTS)
def test_twice_the_text_takes_about_twice_the_time(script: str) -> None:
    """Nobody stops a build with one long line: time is linear in its length, whatever the script."""

    def seconds(characters: int) -> float:
        text, best = stretch(SCRIPTS[script], characters), 9.0
        for _ in range(2):
            began = time.process_time()
            sentences(text, 0, len(text))
            best = min(best, time.process_time() - began)
        return best

    short, long = 60_000, 120_000
    assert seconds(long) <= 2.5 * seconds(short) + 0.05


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_ends_put_together_are_the_whole_stretch(script: str) -> None:
    """Ends rise and the last is the end of the text, also where a stretch is cut because no sentence ends in it."""
    text = stretch(SCRIPTS[script], 3 * _WINDOW + 1)
    ends = list(_sentence_ends(text, "en"))
    assert ends == sorted(set(ends))
    assert ends[0] > 0
    assert ends[-1] == len(text)
    assert max(b - a for a, b in zip([0, *ends], ends, strict=False)) <= _WINDOW


def test_a_stretch_without_an_end_is_cut_at_white_space() -> None:
    """A word is only cut where a stretch holds no white space either."""
    text = stretch("flotsam ", 3 * _WINDOW)
    assert all(text[end - 1].isspace() for end in list(_sentence_ends(text, "en"))[:-1])


def test_prose_is_parted_as_if_read_at_once() -> None:
    """Windows change nothing: the essay in one line has the same sentences as when sentencex gets all of it."""
    [essay], _ = read_sources([ROOT / "index/seeds"])
    text = " ".join(essay.text.split())
    assert len(text) > 2 * _WINDOW
    assert list(_sentence_ends(text, "en")) == [found["end_index"] for found in get_sentence_boundaries("en", text)]
