"""Checks lessons: quotes are verbatim, every point has items that the bank has, and the time to read is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.quiz.bank import locate
from bot.quiz.items import Bank, BankFault, ItemKind
from bot.quiz.lesson_plan import LessonPlan, LessonPoint, Lessons
from index.text.words import word_count

WORDS_A_MINUTE = 200
MOST_MINUTES = 25


@dataclass(frozen=True, slots=True)
class LessonReport:
    """The result of a check: all faults, and the minutes that each plan takes to read."""

    faults: tuple[BankFault, ...]
    minutes: Mapping[LessonPlan, float]

    @property
    def passed(self) -> bool:
        """Whether there is a lesson and no fault."""
        return bool(self.minutes) and not self.faults


def check_lessons(lessons: Lessons, bank: Bank, texts: Mapping[str, str]) -> LessonReport:
    """Check lessons against a bank and documents by id, without what cannot be quoted."""
    faults = list(lessons.faults)
    for plan in lessons.plans:
        faults += [BankFault(plan.file, name, reason) for name, reason in _faults(plan, bank, texts)]
    return LessonReport(tuple(faults), {plan: reading_minutes(plan, bank) for plan in lessons.plans})


def reading_minutes(plan: LessonPlan, bank: Bank) -> float:
    """Return the minutes to read a lesson without mistakes, at 200 words a minute.

    Read are of each point: the quote, the plain words, the guess and the first item, both with options and explanation.
    """
    asked = [bank.by_id.get(id) for point in plan.points for id in (point.guess, *point.items[:1])]
    items = [item for item in (*asked, bank.by_id.get(plan.explain)) if item is not None]
    texts = [text for point in plan.points for text in (point.quote, point.plain)]
    texts += [text for item in items for text in (item.question, *item.options, item.why)]
    return sum(map(word_count, texts)) / WORDS_A_MINUTE


def untaught(sentences: Sequence[str], plan: LessonPlan) -> list[str]:
    """Return those of these sentences that no point quotes: neither the whole sentence nor a part of it."""
    quotes = [point.quote for point in plan.points]
    return [said for said in sentences if not any(quote in said or said in quote for quote in quotes)]


def _faults(plan: LessonPlan, bank: Bank, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the id of a point or of the plan with each fault."""
    used: dict[str, str] = {}
    for point in plan.points:
        for reason in _faults_of_point(point, bank, texts):
            yield point.id, reason
        for id in filter(None, (point.guess, *point.items)):
            if used.setdefault(id, point.id) != point.id:
                yield point.id, f"asks {id}, which the point {used[id]} asks already"
    explain = bank.by_id.get(plan.explain)
    if not plan.explain or explain is None or explain.kind is not ItemKind.FREE:
        yield plan.id, f"`explain` is to be a free item of the bank, but is {plan.explain!r}"
    minutes = reading_minutes(plan, bank)
    if minutes > MOST_MINUTES:
        yield plan.id, f"takes {minutes:.1f} minutes to read, at most {MOST_MINUTES} are allowed; leave points out"


def _faults_of_point(point: LessonPoint, bank: Bank, texts: Mapping[str, str]) -> Iterator[str]:
    if locate(point.quote, texts) is None:
        yield f"not in the library, word for word: {point.quote!r}"
    if not point.items:
        yield "has no item; name at least one that asks for it"
    for id in filter(None, (point.guess, *point.items)):
        if id not in bank.by_id:
            yield f"the bank has no item {id!r}"
    guess = bank.by_id.get(point.guess)
    if guess is not None and guess.kind is ItemKind.FREE:
        yield f"the guess {point.guess} is a free item; ask one with options before the quote"
    if point.contrast and all(point.contrast != contrast.id for contrast in bank.contrasts):
        yield f"the table of contrasts has no row {point.contrast!r}"
