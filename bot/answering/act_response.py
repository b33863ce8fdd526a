"""What each dialogue act but a question shows: overviews, outlines, facts, further quotes, explanations.

Runs in the worker thread of the engine. Every quote is verbatim, whatever the act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.turn import Aside, OutlineRow, Response, Turn
from bot.conversation.acts import Act, Decision
from index.answering.answer import Answer, Asked, Outcome, PassageHit, Quote, quote_sentence
from index.answering.definition import says_what_it_is, unusual_words
from index.answering.edges import edge_named, sentences_at
from index.answering.facts import DocumentFacts, facts
from index.answering.neighbours import explaining, following, sentence_at
from index.answering.overview import overview
from index.answering.scope import Scope, scope_of, section_at
from index.text.words import word_count

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.libraries.source_text import Place
    from index.generations.generation import Generation
    from index.text.sections import Section

_SHOWN = 3  # quotes of an act that goes on from an answer
_LOOKED_UP = 6  # words of a quote for which a definition is looked for
_EXPLAINED = 2  # of them that are shown with their definition
_CLAIMS = 3  # quotes shown when an opinion is asked for


def questions_in(library: Library, history: Sequence[str]) -> tuple[str, ...]:
    """Leave out of the history what is certainly no question, such as thanks and "tell me more"."""
    if library.acts is None:
        return tuple(history)
    return tuple(text for text in history if library.acts.certain(text) in (None, Act.QUESTION))


class ActResponse:
    """The response to one message that is no question."""

    def __init__(self, library: Library, turn: Turn, decision: Decision) -> None:
        """Take the message with what came before it, and its act."""
        self._library = library
        self._generation: Generation = library.generation
        self._turn = turn
        self._decision = decision
        self._history = questions_in(library, turn.history)

    def response(self) -> Response:
        """Read from the library what the act shows."""
        acts: dict[Act, Callable[[], Response]] = {
            Act.OVERVIEW: self._overview,
            Act.OUTLINE: self._outline,
            Act.LESSON: self._outline,
            Act.METADATA: self._metadata,
            Act.MORE: self._more,
            Act.CLARIFY: self._clarify,
            Act.OPINION: self._opinion,
            Act.REPAIR: self._repair,
            Act.QUIZ: self._quiz,
        }
        return acts.get(self._decision.act, self._nothing_to_show)()

    def _overview(self) -> Response:
        topic = self._decision.topic
        scope = scope_of(self._generation, topic)
        if scope is None and (edge := edge_named(topic or "")) and (document := self._document_talked_of()):
            numbers = sentences_at(self._generation, document, edge, _SHOWN)
            title = self._generation.texts.document(document).title
            return self._found(self._quotes(numbers), f"overview.{edge.value}", title=title)
        scope = scope or self._scope_by_text(topic or "")
        if scope is None:
            return self._found((), "overview.unknown", topic=topic)
        return self.overview_of(scope)

    def overview_of(self, scope: Scope) -> Response:
        """Quote the main sentences of a scope."""
        quotes = self._quotes(overview(self._generation, scope))
        documents = {section.document for section in scope.sections}
        if not quotes:
            return self._found((), "overview.empty")
        lead = "overview.many" if len(documents) > 1 else "overview.part" if scope.name else "overview.whole"
        return self._found(quotes, lead, name=scope.name, count=len(documents), shown=len(quotes))

    def _document_talked_of(self) -> str | None:
        """Return the document that was shown last, or the only one of the library."""
        for place in self._shown_places():
            return place.document
        documents = self._generation.texts.documents
        return documents[0].id if len(documents) == 1 else None

    def _scope_by_text(self, topic: str) -> Scope | None:
        """Find the section whose text is about a topic; None when the library says nothing on it."""
        [found] = self._library.answer([Asked(topic)])
        if found.outcome is Outcome.NOT_COVERED or not found.quotes:
            return None
        section = section_at(self._generation, found.quotes[0].document, found.quotes[0].start)
        return Scope((section,), section.heading or None) if section else None

    def _outline(self) -> Response:
        scope = scope_of(self._generation, self._decision.topic) or scope_of(self._generation, None)
        assert scope is not None  # of the whole library there is always one
        by_document: dict[str, list[Section]] = {}
        for section in scope.sections:
            by_document.setdefault(section.document, []).append(section)
        titles = {document.id: document.title for document in self._generation.texts.documents}
        if len(by_document) == 1:
            [(document, sections)] = by_document.items()
            rows = tuple(self._row(section.heading, [section]) for section in sections)
            lead = "outline.lesson" if self._decision.act is Act.LESSON else "outline.lead"
            return self._found((), lead, outline=rows, title=titles[document])
        rows = tuple(self._row(titles[document], sections) for document, sections in by_document.items())
        return self._found((), "outline.many", outline=rows, count=len(rows))

    def _row(self, name: str, sections: Sequence[Section]) -> OutlineRow:
        passages = self._generation.passages[sections[0].first : sections[-1].end]
        text = self._generation.texts.document(sections[0].document).text
        first = next((n for s in sections for n in self._sentences(s)), None)
        return OutlineRow(
            name,
            sum(word_count(text[passage.start : passage.end]) for passage in passages),
            None if first is None else quote_sentence(self._generation.id, self._generation.sentence(first)),
        )

    def _sentences(self, section: Section) -> range:
        starts = self._generation.sentence_starts
        return range(int(starts[section.first]), int(starts[section.end]))

    def _metadata(self) -> Response:
        return self._found((), "metadata.lead", documents=facts(self._generation.texts))

    def _more(self) -> Response:
        last = self._last_answer()
        if last is None and not self._turn.shown:
            return self._found((), "before.nothing")
        shown = self._shown(last)
        found = () if last is None else (*last.quotes, *last.more)
        # What was shown last may be an overview: then "more" goes on from there, not from the last question.
        if last is not None and last.outcome is not Outcome.NOT_COVERED and shown & {_key(quote) for quote in found}:
            waiting = [quote for quote in found if _key(quote) not in shown]
            if waiting:
                return self._found(waiting[:_SHOWN], "more.lead", understood=last.understood)
        numbers = self._numbers(shown)
        next_ones = following(self._generation, max(numbers), set(numbers), _SHOWN) if numbers else []
        return self._found(self._quotes(next_ones), "more.next" if next_ones else "more.end")

    def _clarify(self) -> Response:
        last = self._last_answer()
        number = self._first_shown(last)
        if number is None:
            return self._found((), "before.nothing")
        shown = sorted([number, *explaining(self._generation, number, _SHOWN - 1)])
        response = self._found(self._quotes(shown), "clarify.lead")
        return replace(response, asides=self._glossary(self._generation.sentence(number).text, shown))

    def _glossary(self, text: str, shown: Collection[int]) -> tuple[Aside, ...]:
        """Quote sentences that say what unusual words of a text mean."""
        terms = unusual_words(self._generation, text, _LOOKED_UP)
        answers = self._library.answer([Asked(f"What is {term}?") for term in terms]) if terms else []
        places = {_key(quote) for quote in self._quotes(sorted(shown))}
        found: dict[tuple[str, int, int], Aside] = {}
        for term, answer in zip(terms, answers, strict=True):
            saying = [
                quote
                for quote in (*answer.quotes, *answer.more)
                if answer.outcome is Outcome.ANSWER and _key(quote) not in places and says_what_it_is(quote.text, term)
            ]
            if saying:
                found.setdefault(_key(saying[0]), Aside("word", term, saying[0]))
        return tuple(found.values())[:_EXPLAINED]

    def _opinion(self) -> Response:
        claims = self._shown_numbers() or overview(self._generation, Scope(self._generation.sections), _CLAIMS)
        return self._found(self._quotes(claims[:_CLAIMS]), "opinion.lead")

    def _repair(self) -> Response:
        last = self._last_answer()
        if last is None:
            return self._found((), "before.nothing")
        shown = self._shown(last)
        [bare] = self._library.answer([Asked(self._history[-1])])
        if last.outcome is bare.outcome is Outcome.NOT_COVERED:
            return self._found((), "repair.not_covered", understood=bare.understood)
        headings = {(quote.document, quote.heading) for quote in last.quotes if _key(quote) in shown}
        others = [quote for quote in (*bare.quotes, *bare.more, *last.more) if _key(quote) not in shown]
        others = list({_key(quote): quote for quote in others}.values())
        elsewhere = [quote for quote in others if (quote.document, quote.heading) not in headings] or others
        return self._found(elsewhere[:_SHOWN], "repair.lead" if elsewhere else "repair.end", understood=bare.understood)

    def _nothing_to_show(self) -> Response:
        return self._found((), "")

    def _last_answer(self) -> Answer | None:
        """Answer the last question of the conversation again; None when there is none."""
        if not self._history:
            return None
        *earlier, question = self._history
        return self._library.answer([Asked(question, tuple(earlier))])[0]

    def _quiz(self) -> Response:
        """Quote what the quiz is to be about: what the topic finds, else what was shown last."""
        if topic := self._decision.topic:
            [found] = self._library.answer([Asked(topic)])
            return self._found(found.quotes if found.outcome is not Outcome.NOT_COVERED else (), "quiz.lead")
        return self._found(self._quotes(self._shown_numbers()), "quiz.lead")

    def _shown_places(self) -> list[Place]:
        """Return the places of the turn that are in this generation."""
        return [place for place in self._turn.shown if place.generation == self._generation.id]

    def _shown_numbers(self) -> list[int]:
        return self._numbers({_key(place) for place in self._shown_places()})

    def _shown(self, last: Answer | None) -> set[tuple[str, int, int]]:
        """Return the places that the person has seen: those of the turn, else the quotes of the last answer."""
        seen: Sequence[Place | Quote] = self._shown_places() or (last.quotes if last is not None else ())
        return {_key(each) for each in seen}

    def _first_shown(self, last: Answer | None) -> int | None:
        for place in self._shown_places():
            return sentence_at(self._generation, place.document, place.start)
        if last is None or last.outcome is Outcome.NOT_COVERED:
            return None
        return sentence_at(self._generation, last.quotes[0].document, last.quotes[0].start)

    def _numbers(self, places: set[tuple[str, int, int]]) -> list[int]:
        found = [sentence_at(self._generation, document, start) for document, start, _ in places]
        return sorted(number for number in found if number is not None)

    def _quotes(self, numbers: Sequence[int]) -> tuple[Quote, ...]:
        return tuple(
            quote_sentence(self._generation.id, self._generation.sentence(number), score=1.0) for number in numbers
        )

    def _found(
        self,
        quotes: Sequence[Quote],
        lead: str,
        *,
        understood: str | None = None,
        outline: tuple[OutlineRow, ...] = (),
        documents: tuple[DocumentFacts, ...] = (),
        **values: object,
    ) -> Response:
        shows = bool(quotes or outline or documents)
        passages = {
            number: self._generation.passages[number]
            for quote in quotes
            for number in [self._generation.texts.passage_index_at(quote.document, quote.start)]
        }
        found = Answer(
            question=self._turn.text,
            understood=understood or self._turn.text,
            outcome=Outcome.ANSWER if shows else Outcome.NOT_COVERED,
            confidence=float(shows),
            quotes=tuple(quotes),
            more=(),
            passages=tuple(PassageHit(each.document, each.start, each.end, 1.0) for each in passages.values()),
            sides=None,
            generation=self._generation.id,
        )
        return Response(self._decision.act, found, lead, values, outline=outline, documents=documents)


def _key(place: Quote | Place) -> tuple[str, int, int]:
    return place.document, place.start, place.end
