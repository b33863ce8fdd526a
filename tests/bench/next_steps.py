"""Measures what is suggested after an answer: how much, in which time, and whether each step is answered when pressed.

A press goes through the engine as in Discord: the state of the chosen option is read back from its text.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.engine import AnsweringEngine
from bot.answering.next_steps import shown_alone, steps_after
from bot.answering.preparing import prepare, shipped_bank
from bot.answering.turn import StepKind
from bot.conversation.acts import Act
from bot.libraries.opening import Library, load_encoder, open_library
from bot.libraries.rebuild import SEEDS
from bot.libraries.suggestions import suggestions_for
from bot.settings import Settings
from bot.ui.next_menu import option
from bot.ui.packed_places import unpack
from bot.ui.quote_buttons import places_in
from index.answering.answer import Outcome
from index.evaluation.synthetic import Degree, made_of
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.overview import documents_library
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.answering.turn import NextStep, Response
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_SAMPLE = 200  # questions of a large set


@dataclass(slots=True)
class _Found:
    answers: int = 0
    steps: Counter[StepKind] = field(default_factory=Counter)
    pressed: int = 0
    answered: int = 0
    unanswered: list[str] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)
    steps_ms: list[float] = field(default_factory=list)


def rows() -> Iterator[Row]:
    """Ask the questions of each set, and press each step of each answer."""
    encoder = load_encoder(Settings(_env_file=None))
    for name, data, library, questions in _sets(encoder):
        found = asyncio.run(_asked(data, library, questions))
        mean = sum(found.steps.values()) / max(found.answers, 1)
        kinds = ", ".join(f"{kind} {found.steps[kind] / max(found.answers, 1):.2f}" for kind in StepKind)
        yield Row(
            f"{name}: next steps of an answer ({found.answers} of {len(questions)} answered)", f"{mean:.2f}: {kinds}"
        )
        share = f"{found.answered} of {found.pressed}"
        yield Row(f"{name}: suggestions that, pressed, are answered", share, "all", found.answered == found.pressed > 0)
        for text in found.unanswered[:3]:
            yield Row(f"{name}: not answered", text)
        median, most = np.quantile(found.steps_ms, [0.5, 0.95])
        answer = np.median(found.answer_ms)
        yield Row(
            f"{name}: time that the steps add to an answer, median / 95 %",
            f"{median:.2f} / {most:.2f} ms of {answer:.1f}",
        )


def _sets(encoder: Encoder) -> Iterator[tuple[str, Path, Library, Sequence[str]]]:
    essay = open_library(essay_settings(), encoder)
    essay = replace(essay, suggestions=suggestions_for(SEEDS, essay.generation))
    content = json.loads((squad.DATA / "essay_questions.json").read_text(encoding="utf-8"))
    yield "essay", essay_settings().data, essay, [row["question"] for row in content["answerable"]]
    many = documents_library(encoder)
    made = made_of(many, range(len(many.sentences)), _SAMPLE, [Degree(0.8, 0), Degree(0.5, 1)])
    data = folder() / "documents"
    yield "documents", data, _library(data, many, encoder, essay), [each.text for each in made]
    articles = squad.read()
    data = folder() / "squad"
    asked = [question.text for article in articles for question in article.questions if question.answers]
    generation = squad.library(articles, data, encoder, Aliases({}))
    yield "SQuAD", data, _library(data, generation, encoder, essay), random.Random(0).sample(asked, _SAMPLE)


def _library(data: Path, generation: Generation, encoder: Encoder, essay: Library) -> Library:
    return Library(generation, encoder, acts=essay.acts, suggestions=suggestions_for(data, generation))


async def _asked(data: Path, library: Library, questions: Sequence[str]) -> _Found:
    """Ask questions and press each step of each answer, and each step of what the first press gave."""
    while not prepare(library, shipped_bank()):
        pass
    engine, found = AnsweringEngine(Settings(_env_file=None, data=data), load=lambda: library), _Found()
    try:
        for question in questions:
            began = time.perf_counter()
            response = await engine.respond(question)
            found.answer_ms.append(1000 * (time.perf_counter() - began))
            if response.act is Act.QUESTION and response.answer.outcome is Outcome.ANSWER:
                began = time.perf_counter()
                assert steps_after(library, response.answer, ()) == response.steps
                found.steps_ms.append(1000 * (time.perf_counter() - began))
                found.answers += 1
                found.steps.update(step.kind for step in response.steps)
                then = [await _pressed(engine, found, step) for step in response.steps]
                for step in then[0].steps if then and then[0] is not None else ():
                    await _pressed(engine, found, step)
    finally:
        await engine.close()
    return found


async def _pressed(engine: AnsweringEngine, found: _Found, step: NextStep) -> Response | None:
    """Press a step, and count whether its question is answered or its sentence is quoted."""
    response = await _response(engine, step)
    found.pressed += 1
    if response is not None and response.answer.outcome is Outcome.ANSWER and response.answer.quotes:
        is_right = step.quote is None or response.answer.quotes[0].sha256 == step.quote.sha256
        found.answered += is_right
        if is_right:
            return response
    found.unanswered.append(option(step).label)
    return None


async def _response(engine: AnsweringEngine, step: NextStep) -> Response | None:
    kind, _, state = option(step).value.partition(":")
    if kind == StepKind.QUESTION:
        question = await engine.suggested(state)
        return await engine.respond(question) if question is not None else None
    [quote] = await engine.quotes(await places_in(unpack(state, hashed=False), engine, None))
    return shown_alone(StepKind(kind), quote, await engine.steps_from(quote))
