"""The utterances that measure the dialogue acts are none of the examples."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bot.conversation.acts import Act, Examples
from bot.conversation.smalltalk import Phrases, tokens
from tests.bench.acts import UTTERANCES, macro_f1, read_utterances

_NEAR = 0.75  # shared words of all words


def test_there_are_as_many_of_each_act() -> None:
    """25 utterances an act, and about 8 in the second set."""
    counts = Counter(act for act, _ in read_utterances(UTTERANCES["utterances"]))
    assert counts == dict.fromkeys(Act, 25)
    assert len(read_utterances(UTTERANCES["fresh utterances"])) == 100


@pytest.mark.parametrize("name", sorted(UTTERANCES))
def test_no_utterance_is_nearly_an_example(name: str) -> None:
    """No measured utterance shares three quarters of its words with an example or a phrase of small talk."""
    examples = [{*tokens(said)} for all_said in Examples.load().acts.values() for said in all_said]
    examples += [{*phrase} for phrase in Phrases.load().kinds]
    near = [
        said
        for _, said in read_utterances(UTTERANCES[name])
        if (words := {*tokens(said)}) and any(len(words & each) >= _NEAR * len(words | each) for each in examples)
    ]
    assert near == []


def test_macro_f1_averages_over_acts() -> None:
    """Half of one act's utterances taken for another: F1 of 2/3 and 4/5."""
    assert macro_f1(np.array([[1, 1], [0, 2]])) == pytest.approx((2 / 3 + 4 / 5) / 2)
