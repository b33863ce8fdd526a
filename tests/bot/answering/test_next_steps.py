"""What is suggested after an answer, over small libraries with the fake encoder and the essay with the real model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.answering.next_steps import MOST_STEPS, steps_after, steps_from
from bot.answering.preparing import prepare, shipped_bank
from bot.answering.responses import respond
from bot.answering.turn import StepKind, Turn
from bot.conversation.acts import Act
from bot.libraries.suggestions import MAX_QUESTION, digest, suggestions_for
from bot.settings import Settings
from index.answering.answer import Outcome
from index.documents.document import read_sources
from index.generations.build import build
from index.generations.generation import Generation, load
from index.generations.promotion import promote
from index.text.noise import Aliases
from tests.index.fakes import CLAY, SEA, FakeEncoder, library

if TYPE_CHECKING:
    from bot.libraries.opening import Library

QUESTION = "What is the metaverse's leading technology?"
FAQ = """# Questions about kilns

## Which wood burns evenly in a kiln?

Pine burns evenly, so potters feed their kilns with pine wood.

## What about the others?

Oak and beech burn with a short flame and leave much ash behind.

## How long does a kiln burn?

A kiln burns for nine days, and then it cools down for three more days.
"""


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """A folder with golden questions, of which some cannot be suggested."""
    rows = [
        {"question": "What does clay remember?", "gold": ["Clay remembers the hand"]},
        {"question": "Which ship sails to the moon on Sundays?", "gold": ["Clay remembers the hand"]},
        {"question": "Why?", "gold": ["Clay remembers the hand"]},
        {"question": "What does clay remember " + "of the hand " * 10 + "?", "gold": ["Clay remembers the hand"]},
    ]
    (tmp_path / "golden.json").write_text(json.dumps({"answerable": rows, "unanswerable": ["Who sails?"]}))
    return tmp_path


def test_only_short_questions_with_a_known_answer_are_tried(golden: Path) -> None:
    """Left out: what no option shows whole, a word alone, what has no answer; a bad file is passed over."""
    generation = library(golden, CLAY, SEA)
    tried = [question.text for question in suggestions_for(golden, generation).waiting]
    assert tried == ["What does clay remember?", "Which ship sails to the moon on Sundays?"]
    assert all(len(text) <= MAX_QUESTION for text in tried)
    (golden / "golden.json").write_text("half a fi")
    assert suggestions_for(golden, generation).waiting == []


def test_headings_that_ask_alone_are_questions(tmp_path: Path) -> None:
    """A heading that needs the one before it is none."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "faq.md").write_text(FAQ)
    generation = _indexed(tmp_path)
    tried = [question.text for question in suggestions_for(tmp_path, generation).waiting]
    assert tried == ["Which wood burns evenly in a kiln?", "How long does a kiln burn?"]


def _indexed(data: Path) -> Generation:
    documents, _ = read_sources([data / "texts"])
    at = "2026-01-01T00:00:00+00:00"
    report = build(documents, data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at=at)
    promote(data, report.generation, at=at)
    return load(data, report.generation)


@pytest.mark.model
class TestEssay:
    """With the real model and the essay."""

    @pytest.fixture
    def prepared(self, essay: tuple[Settings, Library]) -> Library:
        """The essay with suggestions of its own, all of them prepared."""
        settings, opened = essay
        opened = replace(opened, suggestions=suggestions_for(settings.data, opened.generation))
        while not prepare(opened, shipped_bank()):
            pass
        return opened

    def test_what_is_suggested_is_answered(self, prepared: Library) -> None:
        """Each question was asked beforehand and is answered again; each sentence is new and stands in the essay."""
        questions = [each.text for each in prepared.suggestions.answered]
        assert len(questions) > 10
        for response in respond(prepared, [Turn(question) for question in questions]):
            assert (response.act, response.answer.outcome) == (Act.QUESTION, Outcome.ANSWER)
            assert 1 <= len(response.steps) <= MOST_STEPS
            shown = {quote.text for quote in response.answer.quotes}
            for step in response.steps:
                if step.quote is None:
                    assert step.text in questions
                    assert step.text != response.answer.question
                else:
                    text = prepared.generation.texts.document(step.quote.document).text
                    assert text[step.quote.start : step.quote.end] == step.quote.text
                    assert step.quote.text not in shown

    def test_nothing_that_was_asked_is_suggested_again(self, prepared: Library) -> None:
        """Whatever was asked before in the conversation, in whatever case."""
        [first] = respond(prepared, [Turn(QUESTION)])
        suggested = [step.text for step in first.steps if step.kind is StepKind.QUESTION]
        assert suggested
        [again] = respond(prepared, [Turn(QUESTION, tuple(text.upper() for text in suggested))])
        assert not {step.text for step in again.steps} & set(suggested)

    def test_the_other_side_is_not_one_that_the_question_names(self, prepared: Library) -> None:
        """After a comparison both sides are known."""
        [one] = respond(prepared, [Turn("What should the industrial form of the metaverse really be?")])
        assert [step.text for step in one.steps if step.kind is StepKind.SIDE] == ["the Internet"]
        comparison = "How does the industrial form of the metaverse differ from that of the Internet?"
        [both] = respond(prepared, [Turn(comparison)])
        assert StepKind.SIDE not in {step.kind for step in both.steps}

    def test_without_an_answer_there_is_no_step(self, prepared: Library) -> None:
        """Neither after the closest passage nor where the library does not answer."""
        [response] = respond(prepared, [Turn(QUESTION)])
        assert response.steps
        for outcome in (Outcome.CLOSEST, Outcome.NOT_COVERED):
            assert steps_after(prepared, replace(response.answer, outcome=outcome), ()) == ()

    def test_a_walk_through_the_essay_ends(self, prepared: Library) -> None:
        """The next points lead forward in the document, through all its parts, to its end."""
        [response] = respond(prepared, [Turn("What should we be wary of?")])
        steps, starts, headings = response.steps, [-1], set()
        while points := [each for each in steps if each.kind in (StepKind.POINT, StepKind.PART)]:
            [point] = points
            assert point.quote is not None
            assert point.quote.start > starts[-1]
            starts.append(point.quote.start)
            headings.add(point.quote.heading)
            steps = steps_from(prepared, point.quote)
        assert headings >= {section.heading for section in prepared.generation.sections[1:]}
        assert steps_from(prepared, replace(response.answer.quotes[0], generation="000000000000")) == ()

    def test_questions_are_found_by_their_digest(self, prepared: Library) -> None:
        """Also those that were not asked yet, right after a restart; no other text."""
        known = prepared.suggestions.answered[0].text
        assert prepared.suggestions.question(digest(known)) == known
        assert prepared.suggestions.question(digest("What is the capital of France?")) is None
