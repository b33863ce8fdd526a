"""The next step of a lesson, for people who answer right, wrong, or knew it before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.quiz.lesson import BREAK, GIVEN_UP, RETURNS_AFTER, Lesson, NextStep, Strength
from bot.quiz.lesson_log import LessonKind, LessonLog, LessonStep
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint
from bot.quiz.schedule import Memory, Rating, rating_of, review
from bot.quiz.session import Session, Step, Submitted
from tests.bot.quiz.made_up import NOW

Answer = Callable[[NextStep], float]


def point(name: str) -> LessonPoint:
    return LessonPoint(name, f"{name} said.", guess=f"{name}-guess", items=(f"{name}-1", f"{name}-2"), contrast="row")


A, B, C, D = map(point, "abcd")
PLAN = LessonPlan("plan", "A plan", (Chapter("one", "One", (A, B)), Chapter("two", "Two", (C, D))), "why")
ITEMS = frozenset(item for each in PLAN.points for item in (each.guess, *each.items)) | {"why"}


class Taken:
    """A lesson that is taken step by step, half a minute each."""

    def __init__(self, plan: LessonPlan = PLAN, memories: Mapping[str, Memory] | None = None) -> None:
        self.plan, self.now = plan, NOW
        self.memories = dict(memories or {})
        self.session = Session(1, 2, 3, None, (), LessonLog(plan.id, "v", ()))
        self.steps: list[NextStep] = []

    @property
    def lesson(self) -> Lesson:
        return Lesson(self.plan, self.memories, self.now, session=self.session, items=ITEMS)

    def step(self, answer: Answer) -> NextStep:
        found, asked = self.lesson.next_step(), None
        assert self.session.lesson is not None
        if found.item:
            asked, score = len(self.session.steps), answer(found)
            memory = review(self.memories.get(found.item), rating_of(score, found.hints), self.now)
            self.memories[found.item] = memory
            step = Step(asked, found.item, "v", (), found.again, hints=found.hints)
            step = replace(step, submitted=Submitted(0, score, found.hints, self.now, memory))
            self.session = self.session.with_step(step)
        log = self.session.lesson
        row = LessonStep(len(log.steps), found.kind, found.point, asked, changed=False, made_at=self.now)
        self.session = replace(self.session, lesson=replace(log, steps=(*log.steps, row)))
        self.now += timedelta(seconds=30)
        self.steps.append(found)
        return found

    def whole(self, answer: Answer) -> list[NextStep]:
        while self.step(answer).kind is not LessonKind.END:
            assert len(self.steps) < 200, "a lesson has to end"
        return self.steps


def kinds(steps: Sequence[NextStep], name: str) -> list[str]:
    return [step.kind.value for step in steps if step.point == name]


def right(_: NextStep) -> float:
    return 1.0


def wrong(_: NextStep) -> float:
    return 0.0


def known(*items: str, at: datetime = NOW - timedelta(days=1)) -> dict[str, Memory]:
    """Remember items well."""
    return {item: review(review(None, Rating.Easy, at - timedelta(days=9)), Rating.Easy, at) for item in items}


def test_a_right_guess_is_enough_and_a_wrong_one_is_taught() -> None:
    """Guess, words, question; after a right guess the next point, and at the end the explanation."""
    assert [step.kind.value for step in Taken().whole(right)] == ["guess"] * 4 + ["explain", "end"]
    taught = Taken().whole(lambda step: float(step.kind is not LessonKind.GUESS))
    assert [step.point for step in taught[:6]] == ["a", "a", "a", "b", "b", "b"]
    assert kinds(taught, "a") == ["guess", "read", "question"]
    assert taught[2].item == "a-1"


def test_what_is_missed_comes_back_after_other_steps_and_with_help() -> None:
    """Two wrong answers bring the other side at once and, some steps later, the same question with a hint."""
    steps = Taken().whole(lambda step: 0.0 if step.point == "a" else 1.0)
    assert kinds(steps, "a") == ["guess", "read", "question", "contrast", "question", "question"]
    places = [number for number, step in enumerate(steps) if step.point == "a"]
    assert places[:4] == [0, 1, 2, 3]
    assert places[4] - places[3] == RETURNS_AFTER + 1
    again = steps[places[4]]
    assert (again.item, again.hints, again.again) == ("a-1", 2, True)


def test_nobody_is_asked_without_end() -> None:
    """Who knows nothing goes through every point, is asked each a few times, and the lesson ends."""
    steps = Taken().whole(wrong)
    for name in "abcd":
        assert sum(step.point == name and bool(step.item) for step in steps) == GIVEN_UP
    assert steps[-1].kind is LessonKind.END


def test_what_is_remembered_is_passed_over() -> None:
    """A point whose items are all remembered is not taught; one that was met before is asked first, once if right."""
    taken = Taken(memories=known("a-1", "a-2", "b-1"))
    steps = taken.whole(right)
    assert kinds(steps, "a") == []
    assert [(step.kind.value, step.item) for step in steps if step.point == "b"] == [("question", "b-2")]
    assert taken.lesson.is_done(A)
    failed = Taken(memories=known("b-1")).whole(lambda step: float(step.again or step.point != "b"))
    assert kinds(failed, "b") == ["question", "read", "question"]


def test_the_weakest_chapter_comes_first_but_is_not_left_in_the_middle() -> None:
    """Between chapters the one with most to gain is next; inside one the order of the plan holds."""
    taken = Taken(memories=known("a-1"))
    assert [taken.step(right).point for _ in range(4)] == ["c", "d", "a", "b"]
    returned = Taken(memories=known("c-1"))
    assert returned.step(right).point == "a"
    returned.memories |= known("b-1", at=NOW)
    assert returned.lesson.next_step().point == "b"
    returned.memories = {item: memory for item, memory in returned.memories.items() if item != "c-1"}
    returned.now += BREAK
    assert returned.lesson.next_step().point == "c"


def test_a_changed_plan_goes_on_with_what_is_left() -> None:
    """A point that is gone is neither taught nor counted; an item that is gone is not asked."""
    taken = Taken()
    taken.step(wrong)
    taken.plan = replace(PLAN, chapters=(Chapter("two", "Two", (replace(C, guess="", items=("gone",)), D)),))
    steps = [taken.step(right) for _ in range(3)]
    assert [(step.kind.value, step.point) for step in steps] == [("read", "c"), ("guess", "d"), ("explain", "")]
    empty = Taken(replace(PLAN, chapters=(), explain=""))
    assert empty.step(right).kind is LessonKind.END


def test_strength_follows_the_last_answer_and_fades() -> None:
    """Right is solid today, fading after a week; wrong, or never asked, is not there yet."""
    taken = Taken()
    for answer in (wrong, wrong, right, wrong, wrong, wrong):
        taken.step(answer)
    first, second = taken.lesson.strengths()
    assert (first.title, first.points) == ("One", (Strength.SOLID, Strength.NOT_YET))
    assert second.points == (Strength.NOT_YET, Strength.NOT_YET)
    due = taken.lesson.comes_back()
    assert due is not None
    assert due >= taken.now + BREAK
    taken.now += timedelta(days=7)
    assert taken.lesson.strengths()[0].points[0] is Strength.FADING
