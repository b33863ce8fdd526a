"""Questions about what prose argues: the author's words are the answer, and the wrong options are wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from bot.quiz.drafting import Draft, draft, main_places
from bot.quiz.drafting.concordance import Concordance, Statement, folded
from bot.quiz.drafting.cuts import Cut, cuts, subject_cut
from bot.quiz.drafting.endings import Endings, ending_rows
from bot.quiz.drafting.forms import base_verbs
from bot.quiz.drafting.selection import FACT, balanced
from bot.quiz.drafting.steps import step_candidates, step_row
from bot.quiz.drafting.turns import turn_row, turns
from index.documents.language import language_of
from index.generations.generation import Generation
from tests.bot.quiz.drafting.town import HARBOUR, MILLS, SCHOOL, town
from tests.index.fakes import FakeEncoder, library

GARDEN = """On keeping a common garden

A common garden must have a written plan before the first seed is bought. Neighbours should agree on the \
paths between the beds in the autumn. A garden without a plan will lose its paths within a single summer.

Compost heaps need shade because the summer sun dries the outer layers. Heavy rain can wash the minerals out \
of an open heap. A wooden lid keeps the heap warm in the winter months.

If the soil stays wet for a week, the roots of young trees will rot. Sandy ground can lose its water within \
a single day. A layer of straw keeps the ground moist between two rains.

Tools belong to the whole garden, but the members may bring their own gloves. The shed must be locked by the \
last person of the day. Nobody may lend a common tool to a stranger without asking the others.

Old roses are not a decoration, but a refuge for insects. Wild hedges can shelter the birds of the whole \
street. Short grass is easier to mow than a meadow of tall flowers.

The members meet on the first Monday. The well is shared by four streets. The old wall keeps the wind away.

The seeds are kept in glass jars. The children water the small beds. The school owns the eastern corner.

A shared harvest can end old quarrels between neighbours. The committee cannot sell the fruit of the common \
trees. Members should bring the surplus to the school kitchen."""

RECIPE = """Opening the lock

1. Check the level of the water.
2. Open the lower gate slowly.
3. Let the ship come in.
4. Close the lower gate again.
5. Raise the water to the upper level.

Ships must wait for the signal of the keeper. The keeper can open the upper gate by hand."""


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return library(tmp_path_factory.mktemp("garden"), GARDEN)


def drawn(generation: Generation, most: int = 60) -> tuple[Draft, ...]:
    main = main_places(generation)
    return draft(generation.texts, FakeEncoder(), rng=random.Random(0), most=most, main=main)


def statement(folder: Path, sentence: str) -> tuple[Statement, Concordance]:
    concordance = Concordance(town(folder, GARDEN, sentence))
    return next(each for each in concordance.statements if each.document == 1), concordance


@pytest.mark.parametrize(
    ("sentence", "kind", "tail"),
    [
        ("The old lock stays closed because the keeper can see no ship.", "reason", "the keeper can see no ship"),
        ("Because the river froze in winter, the ships could not reach the town.", "consequence", "the ships could"),
        ("The pilots measure the tide in order to keep the ships off the bank.", "purpose", "keep the ships"),
        ("The ferry must stay on land unless the wind has fallen.", "condition", "the wind has fallen"),
        (
            "If the tide is low in the morning, the keeper will lower the chain.",
            "consequence",
            "the keeper will lower the chain",
        ),
        ("The sailors own their knives, whereas the ropes are common property.", "contrast", "the ropes are common"),
        ("A bollard is a short post for the ropes of a ship.", "definition", "a short post for the ropes of a ship"),
        ("Every captain of the harbour must have a license to sail.", "claim", "have a license to sail"),
    ],
)
def test_a_sentence_is_cut_where_its_point_begins(tmp_path: Path, sentence: str, kind: str, tail: str) -> None:
    """Reason, condition, contrast, definition and claim: the answer is the author's clause, word for word."""
    found, concordance = statement(tmp_path, sentence)
    verbs = base_verbs(concordance.statements) | {"keep", "have"}
    cut = next(each for each in cuts(found, verbs) if each.kind == kind)
    assert cut.tail.startswith(tail)
    assert f"{cut.head} {cut.tail}." == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The captain, who must have a license, sailed on the next morning.",
        "He said that it must have been so.",
    ],
)
def test_what_argues_nothing_is_not_cut(tmp_path: Path, sentence: str) -> None:
    """An aside and a pronoun without a noun are left alone."""
    found, concordance = statement(tmp_path, sentence)
    assert [each.kind for each in cuts(found, base_verbs(concordance.statements))] == []


def test_a_wrong_option_is_said_of_something_else(garden: Generation) -> None:
    """It stands in another passage, in a sentence that shares little with the question."""
    concordance = Concordance(garden.texts)
    endings = Endings(concordance)
    found = list(endings.candidates(concordance.statements, random.Random(0)))
    assert {each.cut.kind for each in found} >= {"consequence", "claim", "subject"}
    for each in found:
        own = folded(" ".join(s.text for s in concordance.statements if s.passage == each.statement.passage))
        for wrong in each.wrong:
            assert folded(wrong) in concordance.whole
            assert folded(wrong) not in own


def test_without_other_sentences_nothing_is_asked(tmp_path: Path) -> None:
    """One passage has no clause that is said of something else."""
    concordance = Concordance(town(tmp_path, GARDEN.split("\n\n")[2]))
    assert list(Endings(concordance).candidates(concordance.statements, random.Random(0))) == []


def test_the_subject_is_asked_for_by_what_is_said_of_it(tmp_path: Path) -> None:
    """The rest of the sentence is the question; where it names the subject too, nothing is asked."""
    found, concordance = statement(tmp_path, "A wooden bollard carries the weight of the largest ships.")
    verbs = base_verbs(concordance.statements) | {"carry", "carrie"}
    cut = subject_cut(found, verbs)
    assert isinstance(cut, Cut)
    assert (cut.tail, cut.rest) == ("A wooden bollard", "… carries the weight of the largest ships.")
    again, concordance = statement(tmp_path / "again", "A wooden bollard carries the ropes of another bollard.")
    assert subject_cut(again, verbs) is None


@pytest.mark.parametrize(
    ("sentence", "word", "contraries"),
    [
        ("The keeper must close the lock at night.", "must", ("need not", "may")),
        ("The keeper cannot open the upper gate alone.", "cannot", ("can",)),
        ("Wood is easier to repair than iron in a small harbour.", "easier", ("harder",)),
        ("The ropes of the harbour are not the property of the pilots.", "are not", ("are",)),
    ],
)
def test_a_word_gives_way_to_its_contrary(
    tmp_path: Path, sentence: str, word: str, contraries: tuple[str, ...]
) -> None:
    """The wrong option contradicts the sentence, and stands nowhere in the library."""
    found, concordance = statement(tmp_path, sentence)
    (turn,) = turns(found, concordance)
    assert (turn.word, turn.contraries) == (word, contraries)
    row = turn_row(turn)
    asked = row.get("statement", row.get("gap"))
    assert asked == (word if row["kind"] == "gap" else sentence if row["holds"] else turn.filled_with(contraries[0]))


@pytest.mark.parametrize(
    "sentence",
    [
        "The lock is not a gate, but a chamber with two gates.",
        "The keeper asks whether the lock must be closed.",
        "The keeper must close the lock, which a pilot may open again.",
    ],
)
def test_a_sentence_that_says_both_is_not_turned(tmp_path: Path, sentence: str) -> None:
    """A correction, an indirect question, a sentence with the contrary in it."""
    found, concordance = statement(tmp_path, sentence)
    assert list(turns(found, concordance)) == []


def test_the_next_step_is_asked_for(tmp_path: Path) -> None:
    """The right option follows in the list, the wrong ones are other steps of it, and the quote has both."""
    concordance = Concordance(town(tmp_path, RECIPE))
    verbs = frozenset(["check", "open", "let", "close", "raise"])
    found = list(step_candidates(concordance, verbs, {0}))
    assert [(each.before, each.right) for each in found][:2] == [
        ("Check the level of the water", "Open the lower gate slowly"),
        ("Open the lower gate slowly", "Let the ship come in"),
    ]
    row = step_row(found[0], concordance, random.Random(0))
    assert set(row["wrong"]) == {
        "Let the ship come in",
        "Close the lower gate again",
        "Raise the water to the upper level",
    }
    assert row["quote"] == concordance.documents[0].text[found[0].statement.start : found[0].statement.end]
    assert list(step_candidates(concordance, frozenset(), {0})) == []


def test_drafts_of_prose_keep_the_rules(garden: Generation) -> None:
    """The right option is verbatim, no two options are equal, none is in the question; main sentences come first."""
    drafts = drawn(garden)
    assert len({each.pattern for each in drafts}) >= 3
    whole = folded(garden.texts.documents[0].text)
    for each in drafts:
        item = each.item
        assert item.quote in garden.texts.documents[0].text
        if item.kind.value == "choice" and each.pattern != "section":
            assert folded(item.options[item.key]) in whole
        assert not [pair for pair in combinations(map(str.casefold, item.options), 2) if pair[0] == pair[1]]
        if item.kind.value in ("choice", "gap"):
            assert not [option for option in item.options if folded(option) in folded(item.question)]
    main = main_places(garden)
    (few,) = drawn(garden, most=1)
    assert (few.document, few.start) in main or few.score > 1


def test_names_and_numbers_are_a_quarter_at_most(tmp_path: Path) -> None:
    """A text that argues is not asked for its numbers; one of facts alone still gives a handful."""
    mixed = drawn(library(tmp_path / "mixed", GARDEN, HARBOUR))
    facts = [each for each in mixed if each.pattern == FACT]
    assert len(facts) <= len(mixed) / 4
    bare = drawn(library(tmp_path / "bare", HARBOUR, MILLS, SCHOOL))
    assert [each for each in bare if each.pattern == FACT]
    assert len([each for each in balanced(bare, 100) if each.pattern == FACT]) <= 10


def test_other_languages_are_left_alone(tmp_path: Path) -> None:
    """The rules are English: of a text in another language nothing is drafted."""
    german = """Der Hafen

Der alte Hafen muss im Winter geschlossen bleiben, weil das Eis die Schiffe beschädigt. Die Fischer können ihre \
Netze erst im Frühling wieder trocknen. Wenn der Wind nachlässt, darf die Fähre wieder fahren.

Die Stadt besitzt zwei Mühlen am Fluss. Der Müller darf das Korn der Bauern nicht verkaufen."""
    texts = library(tmp_path, GARDEN, german).texts
    documents = tuple(replace(each, language=language_of(each.text)) for each in texts.documents)
    assert [each.language for each in documents] == ["en", "de"]
    drafts = draft(replace(texts, documents=documents), FakeEncoder(), rng=random.Random(0), most=60)
    assert {each.document for each in drafts} == {documents[0].id}


def test_drawing_again_gives_the_same_rows(garden: Generation) -> None:
    """Nothing but the generator of random numbers decides."""
    concordance = Concordance(garden.texts)

    def rows() -> list[dict[str, object]]:
        rng = random.Random(3)
        found = list(Endings(concordance).candidates(concordance.statements, rng))
        return [row for _, row in ending_rows(found, concordance, FakeEncoder(), rng)]

    assert rows() == rows() != []
