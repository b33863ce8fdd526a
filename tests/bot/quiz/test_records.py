"""An item's record equals plain counting, and bad items are found by it."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import mean
from typing import Any

import pytest
from scipy.stats import pearsonr

from bot.quiz.items import Item, ItemKind
from bot.quiz.records import FirstAnswer, ItemRecord, Judgement, Reason, item_records, judge

ITEM = Item("a", ItemKind.CHOICE, "x", "", 1, "?", ("1", "2", "3", "4"), 1, "q", (), "", "f", "v1")
GOOD = ItemRecord("a", "v1", 40, 0.6, 0.4, (0.2, 0.6, 0.1, 0.1))


def classroom(seed: int, people: int = 60, items: int = 12, answered: float = 0.7) -> list[FirstAnswer]:
    """Draw answers by ability and difficulty; every third item is free, some items have two versions."""
    rng = random.Random(seed)
    ability = [rng.gauss(0, 1) for _ in range(people)]
    rows = []
    for person in range(people):
        for item in range(items):
            if rng.random() > answered:
                continue
            free = item % 3 == 2
            if free:
                option, score = -1, min(1.0, max(0.0, 0.5 + 0.2 * ability[person] + rng.gauss(0, 0.2)))
            else:
                option = 0 if ability[person] + rng.gauss(0, 1) > (item - 6) / 6 else rng.randrange(1, 4)
                score = float(option == 0)
            rows.append(FirstAnswer(f"p{person}", f"i{item:02}", f"v{rng.randrange(1 + item % 2)}", option, score))
    rng.shuffle(rows)
    return rows


def plainly(rows: list[FirstAnswer], item: str, version: str) -> ItemRecord:
    """The same record, counted one by one, with scipy's correlation."""
    own = [row for row in rows if (row.item, row.version) == (item, version)]
    pairs = []
    for row in own:
        others = [other.score for other in rows if other.person == row.person and other.item != item]
        if others:
            pairs.append((row.score, mean(others)))
    varies = len(pairs) >= 3 and all(max(column) > min(column) for column in zip(*pairs, strict=True))
    options = [row.option for row in own if row.option >= 0]
    return ItemRecord(
        item,
        version,
        len(own),
        mean(row.score for row in own),
        float(pearsonr(*zip(*pairs, strict=True)).statistic) if varies else None,
        tuple(options.count(each) / len(options) for each in range(max(options, default=-1) + 1)),
    )


@pytest.mark.parametrize(
    ("seed", "people", "items", "answered"), [(1, 60, 12, 0.7), (2, 15, 30, 0.2), (3, 5, 3, 0.5), (4, 80, 5, 1.0)]
)
def test_records_equal_plain_counting(seed: int, people: int, items: int, answered: float) -> None:
    """Every number equals that of a loop over the rows and of scipy, in dense and in sparse classes."""
    rows = classroom(seed, people, items, answered)
    found = item_records(rows)
    assert [(each.item, each.version) for each in found] == sorted({(row.item, row.version) for row in rows})
    for each in found:
        expected = plainly(rows, each.item, each.version)
        assert (each.n, len(each.shares)) == (expected.n, len(expected.shares))
        assert each.difficulty == pytest.approx(expected.difficulty)
        assert each.shares == pytest.approx(expected.shares)
        assert (each.discrimination is None) == (expected.discrimination is None)
        if expected.discrimination is not None:
            assert each.discrimination == pytest.approx(expected.discrimination, abs=1e-9)
    assert sum(each.n for each in found) == len(rows)


def test_the_item_itself_does_not_count_for_its_discrimination() -> None:
    """Corrected: where the other items say nothing about this one, no correlation comes from the item alone."""
    rows = [FirstAnswer(f"p{n}", "a", "v", n % 2, float(n % 2)) for n in range(40)]
    assert item_records(rows)[0].discrimination is None
    rows += [FirstAnswer(f"p{n}", "b", "v", 0, float(n // 2 % 2)) for n in range(40)]
    assert item_records(rows)[0].discrimination == pytest.approx(0, abs=1e-9)


def test_nobody_answered() -> None:
    """No rows, no records."""
    assert item_records([]) == ()


def test_free_answers_have_no_options() -> None:
    """Only free answers: a difficulty, no shares."""
    (found,) = item_records([FirstAnswer("p", "a", "v", -1, 0.25)])
    assert found == ItemRecord("a", "v", 1, 0.25, None, ())


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, ()),
        ({"discrimination": 0.09}, (Reason.LOW_DISCRIMINATION,)),
        ({"discrimination": -0.3}, (Reason.LOW_DISCRIMINATION,)),
        ({"discrimination": None}, ()),
        ({"shares": (0.5, 0.3, 0.1, 0.1), "difficulty": 0.3}, (Reason.WRONG_PREFERRED,)),
        ({"shares": (0.4, 0.4, 0.1, 0.1), "difficulty": 0.4}, ()),
        ({"shares": (0.2, 0.6, 0.2)}, (Reason.UNUSED_OPTION,)),
        ({"shares": (0.0, 0.6, 0.2, 0.2)}, (Reason.UNUSED_OPTION,)),
        ({"shares": (0.2, 0.6, 0.2), "n": 29}, ()),
        ({"difficulty": 0.96}, (Reason.TOO_EASY,)),
        ({"difficulty": 0.95}, ()),
        ({"difficulty": 0.24}, (Reason.BELOW_CHANCE,)),
        ({"difficulty": 0.25}, ()),
    ],
)
def test_what_makes_an_item_bad(change: dict[str, Any], reasons: tuple[Reason, ...]) -> None:
    """Each fault is found alone, at its threshold, and nothing else is."""
    assert judge(replace(GOOD, **change), ITEM) == Judgement(bool(reasons), reasons)


def test_too_few_answers_are_not_judged() -> None:
    """Nineteen answers say nothing, however bad they look; it is neither good nor bad."""
    few = ItemRecord("a", "v1", 19, 0.0, -1.0, (1.0,))
    assert judge(few, ITEM) == Judgement(None, (Reason.TOO_FEW,))
    assert judge(replace(few, n=20), ITEM).is_bad is True


def test_a_free_item_is_judged_without_options() -> None:
    """A free answer has no chance level and no option to be unused."""
    free = replace(ITEM, kind=ItemKind.FREE, options=(), key=-1, points=("p",))
    assert judge(ItemRecord("a", "v1", 40, 0.05, 0.4, ()), free) == Judgement(False, ())
    assert judge(ItemRecord("a", "v1", 40, 0.99, 0.0, ()), free).reasons == (
        Reason.LOW_DISCRIMINATION,
        Reason.TOO_EASY,
    )


def test_a_record_is_of_its_own_version() -> None:
    """Answers to an earlier wording never judge the present one."""
    with pytest.raises(ValueError, match="v0"):
        judge(replace(GOOD, version="v0"), ITEM)
