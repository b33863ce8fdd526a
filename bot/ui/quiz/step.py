"""Layouts of a quiz session: a question with its buttons, the result with the author's words, the summary.

A question of a lesson looks the same, below the head of the lesson.
"""

from __future__ import annotations

import discord

from bot.learning.views import Shown, Summary
from bot.quiz.hints import Rung, uncovered
from bot.quiz.items import BLANK, Item, ItemKind
from bot.quiz.lesson_log import LessonKind
from bot.quiz.schedule import RIGHT_FROM
from bot.quiz.session import PASSED_FROM, FreeResult, Submitted, before_hints
from bot.ui import text
from bot.ui.lesson.head import head, plain
from bot.ui.notice import Accent, button_row, framed, text_item
from bot.ui.notice import Item as LayoutItem
from bot.ui.quiz import controls
from bot.ui.quotes import quote_item
from prompts import words

_GAP = "▁▁▁▁▁▁"
_MAX_OPTION = 250
_MAX_QUESTION = 600
_MAX_MISSED = 200
_MAX_WRITTEN = 700
_MAX_WRITTEN_IN_LESSON = 400  # the head of the lesson takes the rest


def view_of(shown: Shown | Summary, written: str = "") -> discord.ui.LayoutView:
    """Lay out a step or the summary; `written` is the learner's free answer, which is not stored."""
    return summary_view(shown) if isinstance(shown, Summary) else step_view(shown, written)


def step_view(shown: Shown, written: str = "") -> discord.ui.LayoutView:
    """Lay out a step; `written` is the learner's free answer, which is not stored."""
    if shown.item is None:
        return framed(Accent.NOT_COVERED, text_item(words("quiz.step.gone")), *button_row(controls.onward(shown)))
    if shown.step.submitted is not None:
        return _recorded(shown) if shown.secret else _result(shown, shown.item, shown.step.submitted, written)
    if shown.is_over:
        return _unanswered(shown, shown.item)
    if shown.step.graded is not None:
        return _unsure(shown, shown.item, shown.step.graded, written)
    return _question(shown, shown.item)


def summary_view(summary: Summary) -> discord.ui.LayoutView:
    """Lay out the results of a session."""
    if summary.secret:
        return framed(Accent.FRIENDLY, text_item(words("quiz.summary.round")))
    if not summary.items:
        return framed(Accent.NOT_COVERED, text_item(words("quiz.summary.nothing")))
    lines = [words("quiz.summary.head", points=round(summary.points, 1), items=summary.items)]
    lines += [
        words("quiz.summary.axis", axis=text.inline(axis), points=round(points, 1), items=items)
        for axis, (points, items) in summary.axes.items()
    ]
    blocks = ["\n".join(lines)]
    if summary.missed:
        missed = (text.inline(_with_gap(each), _MAX_MISSED) for each in summary.missed[:10])
        named = [words("quiz.summary.missed_one", question=each) for each in missed]
        blocks.append("\n".join([words("quiz.summary.missed"), *named]))
    if summary.next_due is not None:
        blocks.append(words("quiz.summary.due", when=discord.utils.format_dt(summary.next_due, "R")))
    return framed(Accent.FRIENDLY, *(text_item(block) for block in blocks))


def _question(shown: Shown, item: Item) -> discord.ui.LayoutView:
    step = shown.step
    items: list[LayoutItem] = [*_lead(shown), text_item(*asked(item))]
    if item.options:
        lettered = zip(step.options, controls.LETTERS, strict=False)
        items.append(text_item(*(_option(item, number, letter) for number, letter in lettered)))
    hints = [
        words(f"quiz.step.hint.{rung}", axis=text.inline(shown.axis), words=text.inline(uncovered(item, Rung(rung))))
        for rung in range(1, step.hints + 1)
    ]
    # The last hint contains those before it, except the first, which names the topic.
    if hints:
        items.append(text_item(*dict.fromkeys((hints[0], hints[-1]))))
    items.append(discord.ui.Separator())
    if item.options:
        items.append(discord.ui.ActionRow(*controls.options(shown)))
    hint = controls.hint(shown)
    last = [controls.submit(shown) if item.options else controls.write(shown), hint, controls.skip(shown)]
    items.append(discord.ui.ActionRow(*(each for each in last if each is not None)))
    if hint is not None and step.hints == 0:
        items.append(text_item(words("quiz.step.cost")))
    return framed(Accent.FRIENDLY, *items)


def _lead(shown: Shown) -> list[LayoutItem]:
    step = shown.step
    if shown.lesson is None:
        lead = [words("quiz.step.head", number=step.position + 1, total=shown.total, axis=text.inline(shown.axis))]
        if step.again:
            lead.append(words("quiz.step.again"))
        return [text_item(*lead)]
    kind = "again" if step.again else shown.lesson.kind.value
    why = words("lesson.why_guess") if kind == "guess" and shown.lesson.position == 0 else ""
    return [*head(shown.lesson), text_item(words(f"lesson.ask.{kind}"), why)]


def asked(item: Item) -> list[str]:
    """Return the lines that ask an item."""
    if item.kind is ItemKind.CHOICE:
        return [f"**{text.inline(item.question, _MAX_QUESTION)}**"]
    lead = words(f"quiz.step.ask.{item.kind.value}")
    if item.kind is ItemKind.FREE:
        return [f"**{text.inline(item.question, _MAX_QUESTION)}**", lead]
    return [f"**{lead}**", text.block_quote(_with_gap(item.question))]


def _with_gap(question: str) -> str:
    # Underscores would be Markdown.
    return question.replace(BLANK, _GAP)


def _option(item: Item, number: int, letter: str) -> str:
    return words("quiz.step.option", letter=letter, text=text.inline(item.options[number], _MAX_OPTION))


def _recorded(shown: Shown) -> discord.ui.LayoutView:
    return framed(
        Accent.FRIENDLY,
        text_item(words("quiz.result.recorded")),
        *button_row(controls.onward(shown)),
    )


def _result(shown: Shown, item: Item, submitted: Submitted, written: str) -> discord.ui.LayoutView:
    score = before_hints(submitted.score, submitted.hints)
    right, passed = score >= RIGHT_FROM, score >= PASSED_FROM
    key = "right" if right else "partly" if passed else "wrong"
    lead = words(f"quiz.result.lead.{key}", points=submitted.score, hints=submitted.hints)
    is_guess = shown.lesson is not None and shown.lesson.kind is LessonKind.GUESS
    if is_guess and not passed:
        lead = words("lesson.wrong_guess")
    items: list[LayoutItem] = [
        *(head(shown.lesson) if shown.lesson is not None else []),
        text_item(lead, _reminder(item)),
        *_answers(shown, item, submitted, written),
        discord.ui.Separator(),
        # After a wrong guess the next step shows the author's words.
        *([] if is_guess and not passed else _evidence(shown, shown.step.graded)),
        text_item(text.escape(item.why), *_comes_back(shown, passed)),
        *(plain(shown.lesson) if shown.lesson is not None and is_guess and passed else []),
        *button_row(controls.onward(shown), controls.dispute(shown)),
    ]
    return framed(Accent.ANSWER if right else Accent.CLOSEST if passed or is_guess else Accent.TROUBLE, *items)


def _unanswered(shown: Shown, item: Item) -> discord.ui.LayoutView:
    items: list[LayoutItem] = [
        text_item(words("quiz.result.lead.unanswered"), _reminder(item)),
        *([_key(item)] if item.options else []),
        discord.ui.Separator(),
        *_evidence(shown, None),
        text_item(text.escape(item.why)),
        *button_row(controls.onward(shown), controls.dispute(shown)),
    ]
    return framed(Accent.NOT_COVERED, *items)


def _unsure(shown: Shown, item: Item, graded: FreeResult, written: str) -> discord.ui.LayoutView:
    return framed(
        Accent.CLOSEST,
        *(head(shown.lesson) if shown.lesson is not None else []),
        text_item(words("quiz.result.unsure"), _reminder(item)),
        *_written(shown, written),
        *_evidence(shown, graded),
        discord.ui.Separator(),
        discord.ui.ActionRow(*controls.judge(shown)),
    )


def _reminder(item: Item) -> str:
    return words("quiz.result.question", question=text.inline(_with_gap(item.question), _MAX_QUESTION))


def _answers(shown: Shown, item: Item, submitted: Submitted, written: str) -> list[LayoutItem]:
    if item.kind is ItemKind.FREE:
        return _written(shown, written)
    if submitted.option == item.key or not 0 <= submitted.option < len(item.options):
        return [_key(item)]
    return [
        text_item(words("quiz.result.yours", answer=text.inline(item.options[submitted.option], _MAX_OPTION))),
        _key(item),
    ]


def _key(item: Item) -> LayoutItem:
    return text_item(words("quiz.result.key", answer=text.inline(item.options[item.key], _MAX_OPTION)))


def _written(shown: Shown, written: str) -> list[LayoutItem]:
    if not written:
        return []
    longest = _MAX_WRITTEN if shown.lesson is None else _MAX_WRITTEN_IN_LESSON
    return [text_item(words("quiz.result.yours_free", text=text.inline(written, longest)))]


def _evidence(shown: Shown, graded: FreeResult | None) -> list[LayoutItem]:
    """Return the quotes with their buttons; for a free answer, each says whether the answer covers it."""
    hits = {} if graded is None else {point.sentence: point.hit for point in graded.points}
    labels = {True: words("quiz.result.hit"), False: words("quiz.result.miss"), None: None}
    return [quote_item(quote, labels[hits.get(quote.text)]) for quote in shown.quotes]


def _comes_back(shown: Shown, passed: bool) -> list[str]:
    if shown.due is None:
        return []
    if shown.lesson is not None:
        asks_again = shown.lesson.kind is LessonKind.QUESTION and not passed
        return [words("lesson.later" if shown.lesson.returns else "lesson.another_day")] if asks_again else []
    if not passed and shown.next is not None and not shown.in_round:
        return [words("quiz.result.due_again")]
    return [words("quiz.result.due", when=discord.utils.format_dt(shown.due, "R"))]
