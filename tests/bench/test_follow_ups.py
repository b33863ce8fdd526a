"""Follow-ups are made by a rule that leaves alone what it might spoil."""

from __future__ import annotations

import pytest

from tests.bench.follow_ups import made_of, with_pronoun
from tests.bench.squad import Question

OF_HER = "Ada Lovelace was a mathematician. She wrote notes, and her notes became known."
OF_IT = "Calcite is a mineral. It is soft."


@pytest.mark.parametrize(
    ("before", "question", "paragraph", "follow_up"),
    [
        ("When was Ada Lovelace born?", "What did Ada Lovelace write?", OF_HER, None),
        ("When was Ada Lovelace born?", "Who was taught by Ada Lovelace?", OF_HER, "Who was taught by her?"),
        ("When was Ada Lovelace born?", "What was Ada Lovelace's trade?", OF_HER, "What was her trade?"),
        ("Who found Calcite?", "How hard is Calcite in water?", OF_IT, "How hard is it in water?"),
        ("Who beat the Normans?", "Where did the Normans settle?", OF_IT, "Where did they settle?"),
        ("Who beat the Normans?", "What was the name of the Normans' duke?", OF_IT, "What was the name of their duke?"),
        ("Who ruled the Dutch?", "When did the Dutch revolt?", OF_HER, "When did they revolt?"),
        ("Who ruled the Yuan?", "What came after the Yuan?", OF_HER, "What came after it?"),
        (
            "Who likes Kent?",
            "How many people left from Kent?",
            f"In Kent it rains; at Kent too. {OF_HER}",
            "How many people left from it?",
        ),
        ("Who fought the French?", "What was the French and Indian War?", OF_IT, None),
        ("Who likes Kent?", "Who was born in Kent?", OF_IT, None),
        ("Who was a Norman?", "What did early Norman in Kent build?", OF_IT, None),
        ("Who found Calcite?", "How hard is Quartz?", OF_IT, None),
        ("Who found Calcite?", "Is Calcite as hard as Calcite in water?", OF_IT, None),
        ("Calcite is what?", "How hard is Calcite?", OF_IT, None),
    ],
)
def test_a_name_of_both_becomes_a_pronoun(before: str, question: str, paragraph: str, follow_up: str | None) -> None:
    """Only a whole name, said once, that does not begin a question: else nothing is made."""
    assert with_pronoun(before, question, paragraph) == follow_up


def test_the_nearest_question_before_is_taken() -> None:
    """Of the same paragraph, and one follow-up for a question."""
    asked = [
        Question(text, "Minerals", paragraph, ("x",))
        for text, paragraph in (
            ("Who found Calcite?", OF_IT),
            ("Where is Calcite?", OF_IT),
            ("Why?", OF_IT),
            ("What is like it, made of Calcite?", OF_IT),
            ("Where is Calcite?", "Another."),
        )
    ]
    made = made_of(asked)
    assert [(each.before.text, each.text) for each in made] == [
        ("Who found Calcite?", "Where is it?"),
        ("Where is Calcite?", "What is like it, made of it?"),
    ]
