"""Answers quote word for word, say how sure they are, and never answer what was not asked."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index.answering.answer import Answer, Asked, Outcome, quote_at
from index.answering.confidence import stated, thresholds
from index.answering.ranking import search
from index.answering.selection import answer
from index.answering.weights import default_weights
from index.errors import GenerationError
from index.generations.build import build
from index.generations.generation import Generation, load
from index.models.encoder import SentenceTransformerEncoder
from index.text.noise import Aliases
from tests.index.fakes import CLAY, SEA, FakeEncoder, document, library

BUILT_AT = "2026-01-01T00:00:00+00:00"
SOURCES = {"a.txt": CLAY, "b.txt": SEA}
WORDS = [*CLAY.split(), *SEA.split(), "And what about", "How does", "differ from", "the", "?", "😀", "0796b07b"]


def test_a_quote_knows_its_page(data: Path) -> None:
    """The page is that on which the quote begins, counted from 1, and survives the disk; some have none."""
    second, third = CLAY.index("A kiln"), CLAY.index("Iron is patient")
    paged = dataclasses.replace(document(CLAY), pages=(0, second, third))
    report = build(
        [paged, document(SEA, "b.txt")], data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at=BUILT_AT
    )
    generation = load(data, report.generation)
    pages = {
        quote.text: quote.page
        for question in ("What is iron under the hammer?", "Where did a kiln burn?", "What does clay remember?")
        for quote in ask(generation, question).quotes
    }
    assert pages["Iron is patient under the hammer."] == 3
    assert pages["A kiln in Jingdezhen burned for nine days in 1712."] == 2
    assert pages["Clay remembers the hand that shaped it."] == 1
    assert quote_at(generation.texts, "b.txt", SEA.index("The tide"), SEA.index("The tide") + 5).page is None
    moved = build(
        [dataclasses.replace(paged, pages=(0, third)), document(SEA, "b.txt")],
        data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at=BUILT_AT,
    )  # fmt: skip
    assert moved.generation != report.generation


def ask(generation: Generation, question: str, *history: str) -> Answer:
    return answer(generation, FakeEncoder(), [Asked(question, history)])[0]


questions = st.text(st.characters(exclude_categories=[]), max_size=80) | st.lists(
    st.sampled_from(WORDS), max_size=12
).map(" ".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("0000001:001:DAY:01U", [])  # the best quote has other numbers, and the next one goes first
@given(questions, st.lists(questions, max_size=3))
def test_every_answer_keeps_its_promises(small: Generation, question: str, history: list[str]) -> None:
    """Quotes are verbatim, hashed, distinct and no fragments; scores and confidence are 0..1 and in order."""
    found = ask(small, question, *history)
    assert found.question == question
    assert found.generation == small.id
    assert found.outcome in Outcome
    assert 0 <= found.confidence <= 1
    everything = [*found.quotes, *found.more]
    assert len(found.quotes) <= 3
    assert len(found.quotes) == 3 or not found.more
    assert len({(quote.document, quote.start) for quote in everything}) == len(everything)
    for quote in everything:
        assert quote.text == SOURCES[quote.document][quote.start : quote.end]
        assert quote.sha256 == hashlib.sha256(quote.text.encode()).hexdigest()
        assert len(quote.text.split()) >= 4
        assert not quote.text.endswith("?")
        assert 0 <= quote.score <= 1
    if found.sides is None:
        assert [quote.score for quote in everything] == sorted((q.score for q in everything), reverse=True)
        assert all(quote.side is None for quote in everything)
    else:
        assert tuple(quote.side for quote in found.quotes[:2]) == found.sides
    assert len(found.passages) <= 10
    assert [hit.score for hit in found.passages] == sorted((hit.score for hit in found.passages), reverse=True)
    assert len({(hit.document, hit.start) for hit in found.passages}) == len(found.passages)


@pytest.mark.parametrize("question", ["", " \n", "???", "😀😀😀", "\u200b\u202e", "…", "-" * 4000])
def test_where_nothing_is_asked_nothing_is_answered(small: Generation, question: str) -> None:
    """A question without a word is not covered, with no confidence, however little an answer needs."""
    easy = dataclasses.replace(default_weights(), answer_from=0.0, closest_from=0.0)
    found = answer(small, FakeEncoder(), [Asked(question)], easy)[0]
    assert (found.outcome, found.confidence) == (Outcome.NOT_COVERED, 0.0)


@pytest.mark.parametrize("question", ["of the and", "a" * 4000, "what " * 800, "@everyone **clay** <@1> [x](http://y)"])
def test_odd_questions_have_answers_too(small: Generation, question: str) -> None:
    """A long question, mentions and Markdown are only words."""
    assert ask(small, question).outcome in Outcome


def test_the_outcome_follows_the_confidence(small: Generation) -> None:
    """From one confidence on it is an answer, below it the closest passage, below that nothing, whatever is asked."""
    seen = set()
    for question in ("What forgets the fire?", "What quux forgets the tide?", "Who painted the Mona Lisa?"):
        for answer_from in (0.0, 0.1, 0.5, 0.9, 0.99, 1 - 1e-7):
            for closest_from in (0.0, answer_from / 2, answer_from):
                weights = dataclasses.replace(default_weights(), answer_from=answer_from, closest_from=closest_from)
                found = answer(small, FakeEncoder(), [Asked(question)], weights)[0]
                from_answer, from_closest = thresholds(weights)
                above = (found.confidence >= from_closest) + (found.confidence >= from_answer)
                assert found.outcome is (Outcome.NOT_COVERED, Outcome.CLOSEST, Outcome.ANSWER)[above]
                seen.add(found.outcome)
    assert seen == set(Outcome)


def test_the_evidence_alone_decides_the_outcome(small: Generation) -> None:
    """A rival of the first quote costs confidence, but never the outcome."""
    [found] = search(small, FakeEncoder(), ["What forgets the fire?"])
    weights = dataclasses.replace(default_weights(), bias=0.0)
    near, far = (
        dataclasses.replace(found, scores=found.scores[0] - np.array([0.0, by], np.float32)) for by in (0.1, 9.0)
    )
    sure = [stated(ranking, weights) for ranking in (near, far)]
    assert sure[0] < sure[1]
    assert sure[0] >= thresholds(weights)[0]
    assert stated(far, dataclasses.replace(weights, bias=-40.0)) < thresholds(weights)[1]


def test_unknown_words_cost_confidence(small: Generation) -> None:
    """The same question with a word that the library does not hold is less likely answered."""
    assert ask(small, "What forgets the fire?").confidence > ask(small, "What quux forgets the fire?").confidence


def test_together_or_alone_is_the_same(small: Generation) -> None:
    """Answers come in order, and do not depend on which others were asked."""
    asked = [
        Asked("What forgets the fire?"),
        Asked("How does clay differ from glass?"),
        Asked(""),
        Asked("And the tide?", ("What does clay remember?",)),
        Asked("What forgets the fire?"),
    ]
    together = answer(small, FakeEncoder(), asked)
    for question, found in zip(asked, together, strict=True):
        alone = answer(small, FakeEncoder(), [question])[0]
        assert found.confidence == pytest.approx(alone.confidence, abs=1e-5)
        assert [(q.text, q.side) for q in found.quotes] == [(q.text, q.side) for q in alone.quotes]
    assert answer(small, FakeEncoder(), []) == []


def test_a_repeated_sentence_is_quoted_once(tmp_path: Path) -> None:
    """The same words in two documents are one quote."""
    generation = library(tmp_path, CLAY, CLAY, SEA)
    found = ask(generation, "What forgets the fire?")
    everything = [quote.text for quote in (*found.quotes, *found.more)]
    assert everything[0] == "Glass forgets the fire at once."
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("order", [1, -1])
def test_a_clean_sentence_is_quoted_before_a_damaged_one_that_says_the_same(tmp_path: Path, order: int) -> None:
    """Of two copies of a text, one with mojibake, the clean one answers, and the damaged one is not shown beside it.

    Where there is no clean one, the damaged one is quoted as it stands.
    """
    damaged = SEA.replace("The tide turns", "Theļ¼Œtide turns")
    question = "How often does the tide turn in this harbour?"
    found = ask(library(tmp_path / "both", *[SEA, damaged][::order]), question)
    assert found.quotes[0].text == "The tide turns twice a day in this harbour."
    assert not any("ļ¼Œ" in quote.text for quote in (*found.quotes, *found.more))
    alone = ask(library(tmp_path / "alone", damaged), question)
    assert alone.quotes[0].text == "Theļ¼Œtide turns twice a day in this harbour."


def test_noise_is_never_quoted(tmp_path: Path) -> None:
    """A glued hash and the furniture of a page are in no quote, even when the question names them."""
    text = (
        "0796b07b88aaa3a50796b07b88aaa3a5The kiln burned for nine days in a row.\n\nScroll to Top\n\n"
        "The potters fed it with pine and never slept. Is that so of all of them? Yes."
    )
    generation = library(tmp_path, text)
    for question in (
        "Scroll to Top",
        "0796b07b88aaa3a50796b07b88aaa3a5",
        "How long did the kiln burn?",
        "Is that so of all of them?",
    ):
        for quote in ask(generation, question).quotes:
            assert "0796" not in quote.text
            assert "Scroll" not in quote.text
            assert quote.text not in ("Is that so of all of them?", "Yes.")
    first = ask(generation, "How long did the kiln burn?").quotes[0]
    assert (first.text, first.start) == ("The kiln burned for nine days in a row.", 32)


def test_quotes_keep_the_authors_spelling(tmp_path: Path) -> None:
    """Aliases and folded white space are for the search; the quote is as the author wrote it."""
    text = "The  metasverse\nis in every   industry. Glass forgets the fire at once."
    found = ask(library(tmp_path, text, aliases={"metasverse": "metaverse"}), "Where is the metaverse?")
    assert found.quotes[0].text == "The  metasverse\nis in every   industry."


def test_offsets_are_code_points(tmp_path: Path) -> None:
    """Signs outside the basic plane before a quote count as one each."""
    text = "😀😀 Überall is where the emoji stood. 𝔘nd the clay remembers the hand.\n\n" + SEA
    found = ask(library(tmp_path, text), "What does the clay remember?")
    quote = found.quotes[0]
    assert text[quote.start : quote.end] == quote.text == "𝔘nd the clay remembers the hand."


def test_a_comparison_has_facing_quotes(small: Generation) -> None:
    """ "How does X differ from Y" gives a quote that speaks of X, then one that speaks of Y."""
    found = ask(small, "How does clay differ from glass?")
    assert found.sides == ("clay", "glass")
    assert [quote.side for quote in found.quotes[:2]] == ["clay", "glass"]
    assert found.quotes[0].text == "Clay remembers the hand that shaped it."
    assert found.quotes[1].text == "Glass forgets the fire at once."


def test_a_comparison_with_what_is_not_there(small: Generation) -> None:
    """Where the library says nothing of one side, there are no facing quotes."""
    found = ask(small, "How does clay differ from granite?")
    assert found.sides is None
    assert all(quote.side is None for quote in found.quotes)


def test_a_place_can_be_quoted_again(small: Generation) -> None:
    """The quote of a place has its words, title, paragraph and hash; a place that is none is refused."""
    found = ask(small, "What forgets the fire?").quotes[0]
    assert found.generation == small.id
    again = quote_at(small.texts, found.document, found.start, found.end)
    assert again == dataclasses.replace(found, score=0.0)
    for place in (("c.txt", 0, 5), ("a.txt", len(CLAY) + 5, len(CLAY) + 9)):
        with pytest.raises(GenerationError):
            quote_at(small.texts, *place)


@pytest.mark.model
class TestTheEssay:
    """The essay, asked with the real model."""

    def ask(self, essay_generation: Generation, encoder: SentenceTransformerEncoder, question: str) -> Answer:
        return answer(essay_generation, encoder, [Asked(question)])[0]

    @pytest.mark.parametrize(
        "question",
        ["How does the metaverse differ from the Internet?",
         "What is the difference between the metaverse and the Internet?"],
    )  # fmt: skip
    def test_a_comparison(
        self, essay_generation: Generation, real_encoder: SentenceTransformerEncoder, question: str
    ) -> None:
        """The question the tutor is there for: answered, with one quote for each side, in the author's words."""
        found = self.ask(essay_generation, real_encoder, question)
        assert found.outcome is Outcome.ANSWER
        assert found.sides == ("metaverse", "Internet")
        first, second = found.quotes[:2]
        assert (first.side, second.side) == found.sides
        assert first.text != second.text
        assert "internet" in second.text.lower()
        assert any(word in first.text.lower() for word in ("meta", "blockchain"))
        source = essay_generation.texts.documents[0].text
        assert all(quote.text == source[quote.start : quote.end] for quote in found.quotes)

    @pytest.mark.parametrize(
        "question",
        ["What is the capital of France?", "Was ist die Hauptstadt von Frankreich?", "asdf jkl qwertz",
         "@everyone hello", "Who won the world cup in 1998?", "Wie backe ich Brot?"],
    )  # fmt: skip
    def test_what_it_does_not_say(
        self, essay_generation: Generation, real_encoder: SentenceTransformerEncoder, question: str
    ) -> None:
        """No answer is better than a wrong one."""
        assert self.ask(essay_generation, real_encoder, question).outcome is not Outcome.ANSWER

    @pytest.mark.parametrize("spelling", ["metaverse", "meta-universe", "Meta Universe", "metasverse"])
    def test_any_spelling(
        self, essay_generation: Generation, real_encoder: SentenceTransformerEncoder, spelling: str
    ) -> None:
        """However the word is spelled, the same sentence is found."""
        found = self.ask(essay_generation, real_encoder, f"Does the {spelling} treat traffic as its ultimate goal?")
        assert found.outcome is Outcome.ANSWER
        assert "regards traffic as the ultimate pursuit" in found.quotes[0].text

    @pytest.mark.parametrize("question", ["What does the author mean by a hodgepodge?", "hodgepodge?"])
    def test_a_word_of_it(
        self, essay_generation: Generation, real_encoder: SentenceTransformerEncoder, question: str
    ) -> None:
        """The meaning of a word that the text uses and does not define: the sentence that uses it is the closest."""
        found = self.ask(essay_generation, real_encoder, question)
        assert found.outcome is Outcome.CLOSEST
        assert "a hodgepodge" in found.quotes[0].text
