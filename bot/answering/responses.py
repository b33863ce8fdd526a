"""Responds to messages: decides the dialogue act of each, and answers questions. Runs in the engine's worker thread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.act_response import ActResponse, questions_in
from bot.answering.encoded_once import EncodedOnce
from bot.answering.next_steps import steps_after
from bot.answering.turn import Response, Turn
from bot.conversation.acts import Act, Decision
from index.answering.answer import Answer, Asked, Outcome
from index.answering.by_words import is_read
from index.answering.scope import Scope, section_at
from index.documents.decoding import without_surrogates
from index.documents.language import language_of

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.libraries.source_text import Place

_ABOUT_TUTOR = re.compile(
    r"\b(?:you\w*|ur?|bot|tutor|app|here|ask\w*|help\w*|commands?|type|menu|settings|quiz|buttons?|features?|guide)\b",
    re.IGNORECASE,
)


def respond(library: Library, turns: Sequence[Turn]) -> list[Response]:
    """Respond to messages in order. They are encoded in one pass, and questions are answered with the same vectors."""
    if library.acts is None:
        found = library.answer([Asked(turn.text, turn.history) for turn in turns])
        return [_to_question(library, turn, each) for turn, each in zip(turns, found, strict=True)]
    library = replace(library, encoder=EncodedOnce(library.encoder))
    assert library.acts is not None
    canonical = [library.generation.aliases.canonical(without_surrogates(turn.text)) for turn in turns]
    read = library.encoder.encode_in_context(canonical, asked=True)
    decisions = [
        library.acts.decide(turn.text, each.row)
        if is_read(library.generation, library.encoder, text)
        else Decision(Act.QUESTION)
        for turn, text, each in zip(turns, canonical, read, strict=True)
    ]
    histories = [questions_in(library, turn.history) for turn in turns]
    asks = [
        decision.act is Act.QUESTION or (bool(history) and _may_be_question(library, turn, decision))
        for turn, decision, history in zip(turns, decisions, histories, strict=True)
    ]
    asked = [
        Asked(decision.rest or turn.text, history)
        for turn, decision, history, is_asked in zip(turns, decisions, histories, asks, strict=True)
        if is_asked
    ]
    answers = iter(library.answer(asked) if asked else [])
    replies: list[Answer | None] = [next(answers) if is_asked else None for is_asked in asks]
    return [
        _to_question(library, turn, answer)
        if answer is not None and (decision.act is Act.QUESTION or answer.outcome is Outcome.ANSWER)
        else ActResponse(library, turn, decision).response()
        for turn, decision, answer in zip(turns, decisions, replies, strict=True)
    ]


def _may_be_question(library: Library, turn: Turn, decision: Decision) -> bool:
    """Whether a call for help may ask about what was talked of, like "what do I need to do?": not about the tutor."""
    assert library.acts is not None
    is_sure = library.acts.certain(turn.text) is not None or _ABOUT_TUTOR.search(turn.text)
    return decision.act is Act.HELP and not is_sure


def _to_question(library: Library, turn: Turn, answer: Answer) -> Response:
    if answer.outcome is Outcome.ANSWER:
        return Response(Act.QUESTION, answer, steps=steps_after(library, answer, turn.history))
    languages = language_of(answer.question), library.generation.language
    differ = all(languages) and languages[0] not in library.generation.languages
    return Response(Act.QUESTION, answer, languages=languages if differ else None)


def overview_at(library: Library, place: Place) -> Response:
    """Give an overview of the section in which a place lies: of its document when that has no other section."""
    generation = library.generation
    section = section_at(generation, place.document, place.start)
    scope = Scope((section,) if section else (), section.heading if section else None)
    return ActResponse(library, Turn(""), Decision(Act.OVERVIEW)).overview_of(scope)
