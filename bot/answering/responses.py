"""Responds to messages: decides the dialogue act of each, and answers questions. Runs in the engine's worker thread."""

from __future__ import annotations

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
    asked = [
        Asked(decision.rest or turn.text, questions_in(library, turn.history))
        for turn, decision in zip(turns, decisions, strict=True)
        if decision.act is Act.QUESTION
    ]
    answers = iter(library.answer(asked) if asked else [])
    return [
        _to_question(library, turn, next(answers))
        if decision.act is Act.QUESTION
        else ActResponse(library, turn, decision).response()
        for turn, decision in zip(turns, decisions, strict=True)
    ]


def _to_question(library: Library, turn: Turn, answer: Answer) -> Response:
    if answer.outcome is Outcome.ANSWER:
        return Response(Act.QUESTION, answer, steps=steps_after(library, answer, turn.history))
    languages = language_of(answer.question), library.generation.language
    differ = all(languages) and languages[0] != languages[1]
    return Response(Act.QUESTION, answer, languages=languages if differ else None)


def overview_at(library: Library, place: Place) -> Response:
    """Give an overview of the section in which a place lies: of its document when that has no other section."""
    generation = library.generation
    section = section_at(generation, place.document, place.start)
    scope = Scope((section,) if section else (), section.heading if section else None)
    return ActResponse(library, Turn(""), Decision(Act.OVERVIEW)).overview_of(scope)
