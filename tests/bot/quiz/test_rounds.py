"""A public round can be checked by anybody afterwards."""

from __future__ import annotations

import hashlib

from bot.quiz.rounds import Dealt, Standing, commitment, key_text, person_rng, ranked
from bot.quiz.session import plan
from tests.bot.quiz.made_up import item

DEALT = (Dealt("a", "clay"), Dealt("b", "glass"))


def test_the_seal_is_what_the_words_beside_it_say() -> None:
    """SHA-256 of the seed, a line break and the key: anybody can compute it."""
    assert key_text(DEALT) == "a: clay\nb: glass"
    assert commitment("seed", DEALT) == hashlib.sha256(b"seed\na: clay\nb: glass").hexdigest()


def test_neither_seed_nor_key_can_be_changed_unnoticed() -> None:
    """Another seed, answer or order breaks the seal."""
    others = [("seed2", DEALT), ("seed", DEALT[::-1]), ("seed", (Dealt("a", "wood"), DEALT[1]))]
    assert commitment("seed", DEALT) not in [commitment(*other) for other in others]


def test_everybody_gets_an_order_of_their_own_that_can_be_repeated() -> None:
    """The same person and seed give the same order; among twenty people there are several."""
    items = [item(str(n)) for n in range(4)]
    orders = {person: plan(items, person_rng("seed", person)) for person in range(20)}
    assert orders[3] == plan(items, person_rng("seed", 3))
    assert len({tuple(step.options for step in steps) for steps in orders.values()}) > 10


def test_the_quicker_of_two_equals_stands_first() -> None:
    """Points first, then time."""
    slow, quick, best = Standing(1, 2.0, 3, 50.0), Standing(2, 2.0, 3, 9.0), Standing(3, 2.8, 3, 99.0)
    assert ranked([slow, quick, best]) == [best, quick, slow]
