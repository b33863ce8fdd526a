"""Questions that ask the same in other words come together, and those that ask something else stay apart."""

from __future__ import annotations

import json
import time
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.libraries.question_groups import grouped

if TYPE_CHECKING:
    from index.models.encoder import SentenceTransformerEncoder

GROUPS = Path(__file__).parents[2] / "unanswered.json"
ROOMS: dict[str, list[list[str]]] = json.loads(GROUPS.read_text(encoding="utf-8"))


def unit(rows: list[list[float]]) -> np.ndarray:
    array = np.array(rows, dtype=np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def pairs(groups: list[list[str]]) -> set[tuple[str, str]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


@pytest.mark.model
def test_people_who_ask_the_same_come_together(real_encoder: SentenceTransformerEncoder) -> None:
    """Over rooms of near questions most of what is put together belongs together, and most that does is."""
    right = together = belongs = 0
    for room, asked in ROOMS.items():
        questions = [question for group in asked for question in group]
        found = grouped(real_encoder.encode_queries(questions))
        assert sorted(number for group in found for number in group) == list(range(len(questions)))
        told, wanted = pairs([[questions[n] for n in group] for group in found]), pairs(asked)
        print(f"{room}: precision {len(told & wanted) / len(told):.2f}, recall {len(told & wanted) / len(wanted):.2f}")
        right, together, belongs = right + len(told & wanted), together + len(told), belongs + len(wanted)
    print(f"all pairs: precision {right / together:.2f}, recall {right / belongs:.2f}")
    assert right / together >= 0.8
    assert right / belongs >= 0.7


@pytest.mark.model
def test_few_questions_are_grouped_as_well_as_many(real_encoder: SentenceTransformerEncoder) -> None:
    """Two that ask the same come together and two that do not stay apart, though there is nothing else to tell by."""
    same = [group[:2] for groups in ROOMS.values() for group in groups]
    other = [[one[0], two[0]] for groups in ROOMS.values() for one, two in pairwise(groups)]
    joined = [len(grouped(real_encoder.encode_queries(pair))) == 1 for pair in same]
    apart = [len(grouped(real_encoder.encode_queries(pair))) == 2 for pair in other]
    print(f"pairs joined that ask the same {np.mean(joined):.2f}; kept apart that do not {np.mean(apart):.2f}")
    assert np.mean(joined) >= 0.8
    assert np.mean(apart) >= 0.8


def test_the_most_central_question_names_its_group() -> None:
    """Of three in a row the middle one; a stranger stays alone."""
    rows = unit([[1, 0.3, 0], [1, 0, 0], [1, -0.3, 0], [0, 0, 1]])
    assert [group[0] for group in grouped(rows)] == [1, 3]


def test_nothing_and_one_question() -> None:
    """No question gives no group, one question a group of its own."""
    assert grouped(np.zeros((0, 4), np.float32)) == []
    assert grouped(unit([[1, 2, 3]])) == [[0]]


def test_a_thousand_questions_take_no_time() -> None:
    """Nobody waits for the grouping of all that is kept."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(200, 64))
    rows = unit((centres[rng.integers(0, 200, 1000)] + 0.3 * rng.normal(size=(1000, 64))).tolist())
    began = time.perf_counter()
    groups = grouped(rows)
    print(f"1,000 questions grouped in {time.perf_counter() - began:.2f} s")
    assert 150 <= len(groups) <= 250
    assert time.perf_counter() - began < 10
