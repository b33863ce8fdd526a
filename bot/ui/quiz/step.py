"""Lays out one step of a quiz: the question with its buttons, or what came of it with the author's words."""

from __future__ import annotations

import discord

from bot.learning.views import Shown, Summary
from bot.quiz.hints import Rung, uncovered
from bot.quiz.items import BLANK, Item, ItemKind
from bot.quiz.schedule import RIGHT_FROM
from bot.quiz.session import PASSED_FROM, FreeResult, Submitted, before_hints
from bot.ui import text
from bot.ui.notice import Accent, framed
from bot.ui.quiz import controls
from bot.ui.quotes import Item as Component
from bot.ui.quotes import button_row, quote_item
from prompts import words

_GAP = "▁▁▁▁▁▁"
_MAX_OPTION = 250
_MAX_QUESTION = 600
_MAX_MISSED = 200
_MAX_WRITTEN = 700


def view_of(shown: Shown | Summary, written: str = "") -> discord.ui.LayoutView:
    """Lay out whatever there is to show."""
    return summary_view(shown) if isinstance(shown, Summary) else step_view(shown, written)


def step_view(shown: Shown, written: str = "") -> discord.ui.LayoutView:
    """Lay out a step; `written` is what the learner just wrote, which is not kept."""
    if shown.item is None:
        return framed(Accent.NOT_COVERED, _texts(words("quiz.step.gone")), *button_row(controls.onward(shown)))
    if shown.step.submitted is not None:
        return _recorded(shown) if shown.secret else _result(shown, shown.item, shown.step.submitted, written)
    if shown.is_over:
        return _unanswered(shown, shown.item)
    if shown.step.graded is not None:
        return _unsure(shown, shown.item, shown.step.graded, written)
    return _question(shown, shown.item)


def summary_view(summary: Summary) -> discord.ui.LayoutView:
    """Lay out how a session went."""
    if summary.secret:
        return framed(Accent.FRIENDLY, _texts(words("quiz.summary.round")))
    if not summary.items:
        return framed(Accent.NOT_COVERED, _texts(words("quiz.summary.nothing")))
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
    return framed(Accent.FRIENDLY, *(_texts(block) for block in blocks))


def _question(shown: Shown, item: Item) -> discord.ui.LayoutView:
    step = shown.step
    lead = [words("quiz.step.head", number=step.position + 1, total=shown.total, axis=text.inline(shown.axis))]
    if step.again:
        lead.append(words("quiz.step.again"))
    items: list[Component] = [_texts(*lead), _texts(*asked(item))]
    if item.options:
        lettered = zip(step.options, controls.LETTERS, strict=False)
        items.append(_texts(*(_option(item, number, letter) for number, letter in lettered)))
    hints = [
        words(f"quiz.step.hint.{rung}", axis=text.inline(shown.axis), words=text.inline(uncovered(item, Rung(rung))))
        for rung in range(1, step.hints + 1)
    ]
    # Of the words uncovered so far the longest say it all.
    if hints:
        items.append(_texts(*dict.fromkeys((hints[0], hints[-1]))))
    items.append(discord.ui.Separator())
    if item.options:
        items.append(discord.ui.ActionRow(*controls.options(shown)))
    hint = controls.hint(shown)
    last = [controls.submit(shown) if item.options else controls.write(shown), *([hint] if hint else [])]
    items.append(discord.ui.ActionRow(*last))
    if hint is not None and step.hints == 0:
        items.append(_texts(words("quiz.step.cost")))
    return framed(Accent.FRIENDLY, *items)


def asked(item: Item) -> list[str]:
    """Return the lines in which an item is asked."""
    if item.kind is ItemKind.CHOICE:
        return [f"**{text.inline(item.question, _MAX_QUESTION)}**"]
    lead = words(f"quiz.step.ask.{item.kind.value}")
    if item.kind is ItemKind.FREE:
        return [f"**{text.inline(item.question, _MAX_QUESTION)}**", lead]
    return [f"**{lead}**", text.block_quote(_with_gap(item.question))]


def _with_gap(question: str) -> str:
    # Underscores are Markdown; a drawn line is not.
    return question.replace(BLANK, _GAP)


def _option(item: Item, number: int, letter: str) -> str:
    return words("quiz.step.option", letter=letter, text=text.inline(item.options[number], _MAX_OPTION))


def _recorded(shown: Shown) -> discord.ui.LayoutView:
    return framed(
        Accent.FRIENDLY,
        _texts(words("quiz.result.recorded")),
        *button_row(controls.onward(shown)),
    )


def _result(shown: Shown, item: Item, submitted: Submitted, written: str) -> discord.ui.LayoutView:
    said = before_hints(submitted.score, submitted.hints)
    right, passed = said >= RIGHT_FROM, said >= PASSED_FROM
    key = "right" if right else "partly" if passed else "wrong"
    items: list[Component] = [
        _texts(words(f"quiz.result.lead.{key}", points=submitted.score, hints=submitted.hints), _reminder(item)),
        *_said(item, submitted, written),
        discord.ui.Separator(),
        *_evidence(shown, shown.step.graded),
        _texts(text.escape(item.why), *_comes_back(shown, passed)),
        *button_row(controls.onward(shown), controls.dispute(shown)),
    ]
    return framed(Accent.ANSWER if right else Accent.CLOSEST if passed else Accent.TROUBLE, *items)


def _unanswered(shown: Shown, item: Item) -> discord.ui.LayoutView:
    items: list[Component] = [
        _texts(words("quiz.result.lead.unanswered"), _reminder(item)),
        *([_key(item)] if item.options else []),
        discord.ui.Separator(),
        *_evidence(shown, None),
        _texts(text.escape(item.why)),
        *button_row(controls.onward(shown), controls.dispute(shown)),
    ]
    return framed(Accent.NOT_COVERED, *items)


def _unsure(shown: Shown, item: Item, graded: FreeResult, written: str) -> discord.ui.LayoutView:
    return framed(
        Accent.CLOSEST,
        _texts(words("quiz.result.unsure"), _reminder(item)),
        *_written(written),
        *_evidence(shown, graded),
        discord.ui.Separator(),
        discord.ui.ActionRow(*controls.judge(shown)),
    )


def _reminder(item: Item) -> str:
    return words("quiz.result.question", question=text.inline(_with_gap(item.question), _MAX_QUESTION))


def _said(item: Item, submitted: Submitted, written: str) -> list[Component]:
    if item.kind is ItemKind.FREE:
        return _written(written)
    if submitted.option == item.key or not 0 <= submitted.option < len(item.options):
        return [_key(item)]
    return [
        _texts(words("quiz.result.yours", answer=text.inline(item.options[submitted.option], _MAX_OPTION))),
        _key(item),
    ]


def _key(item: Item) -> Component:
    return _texts(words("quiz.result.key", answer=text.inline(item.options[item.key], _MAX_OPTION)))


def _written(written: str) -> list[Component]:
    if not written:
        return []
    return [_texts(words("quiz.result.yours_free", text=text.inline(written, _MAX_WRITTEN)))]


def _evidence(shown: Shown, graded: FreeResult | None) -> list[Component]:
    """Return the author's words with a way to their context; of a free answer point by point."""
    hits = {} if graded is None else {point.sentence: point.hit for point in graded.points}
    labels = {True: words("quiz.result.hit"), False: words("quiz.result.miss"), None: None}
    return [quote_item(quote, labels[hits.get(quote.text)]) for quote in shown.quotes]


def _comes_back(shown: Shown, passed: bool) -> list[str]:
    if shown.due is None:
        return []
    if not passed and shown.next is not None and not shown.in_round:
        return [words("quiz.result.due_again")]
    return [words("quiz.result.due", when=discord.utils.format_dt(shown.due, "R"))]


def _texts(*lines: str) -> Component:
    return discord.ui.TextDisplay("\n".join(line for line in lines if line))
