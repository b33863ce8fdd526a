"""The groups of the simulated lesson are asked equally many questions, about the same points."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.lesson_classroom import DAYS, GROUPS, Learner, LessonAndSchedule, QuizAlone, essay_plan, run


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_is_asked_as_many_questions(group: type[QuizAlone], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question that is answered counts, guesses too; the seeds are fixed."""
    plan, asked, answer = essay_plan(), [], Learner.answer

    def counted(self: Learner, item: str, *, is_guess: bool = False) -> bool:
        asked.append(item)
        return answer(self, item, is_guess=is_guess)

    monkeypatch.setattr(Learner, "answer", counted)
    found = run(plan, "Activation (ACT-R)", 2, group, learners=1)
    assert len(asked) == 2 * DAYS
    assert found[0, 0] == 0 < found[0, DAYS]
    assert (run(plan, "Activation (ACT-R)", 2, group, learners=1) == found).all()


def test_who_does_not_know_says_so() -> None:
    """A guess is answered by those who know it alone, so it is always right."""
    plan = essay_plan()
    learner = Learner(plan, "FSRS-6, own parameters", 1)
    policy = LessonAndSchedule(plan, learner, np.random.default_rng(1))
    for _ in range(20):
        policy.ask()
    steps = policy._session.lesson.steps if policy._session.lesson is not None else ()
    answers = [policy._session.steps[s.asked].submitted for s in steps if s.kind == "guess" and s.asked is not None]
    assert {answer.score for answer in answers if answer is not None} == {1.0}
    assert None in answers
