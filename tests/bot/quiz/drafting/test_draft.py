"""Drafts pass the check, are the same when they are drawn again, and are refused where there is nothing to ask."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.quiz.bank import locate, read_bank
from bot.quiz.check import check
from bot.quiz.drafting import Draft, TooLittle, as_json, as_yaml, draft
from bot.quiz.entries import read_entry
from bot.quiz.items import BLANK, Bank, ItemKind
from index.errors import GenerationError
from index.generations.texts import Texts, blotted_texts
from tests.bot.quiz.drafting.town import HARBOUR, town
from tests.index.fakes import FakeEncoder


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    return town(tmp_path_factory.mktemp("town"))


def drawn(texts: Texts, seed: int = 0, most: int = 40, documents: list[str] | None = None) -> tuple[Draft, ...]:
    return draft(texts, FakeEncoder(), rng=random.Random(seed), most=most, documents=documents)


def bank(drafts: tuple[Draft, ...]) -> Bank:
    return Bank(tuple(each.item for each in drafts), {each.item.axis: each.title for each in drafts}, {}, ())


def test_drafts_pass_the_check(texts: Texts) -> None:
    """Whatever is drafted is borne out word for word, has one key and gives nothing away, and no guesser does well."""
    drafts = drawn(texts)
    report = check(bank(drafts), blotted_texts(texts), FakeEncoder())
    assert len(drafts) >= 8
    assert report.passed, report


def test_every_quote_stands_at_its_place(texts: Texts) -> None:
    """Document and offsets of a draft are those of its quote, to the character."""
    for each in drawn(texts):
        assert texts.document(each.document).text[each.start : each.end] == each.item.quote
        assert locate(each.item.quote, blotted_texts(texts)) is not None


def test_the_same_seed_draws_the_same_drafts(texts: Texts) -> None:
    """Nothing but the generator decides."""
    assert drawn(texts) == drawn(texts)


def test_ids_follow_from_sentence_and_gap(texts: Texts) -> None:
    """Whatever the wrong options, the same gap in the same sentence has the same id."""
    asked = [
        {(each.item.quote, each.item.kind, each.item.options[0]): each.item.id for each in drawn(texts, seed)}
        for seed in (1, 2)
    ]
    shared = [key for key in asked[0].keys() & asked[1].keys() if key[1] is ItemKind.GAP]
    assert len(shared) >= 2
    assert [asked[0][key] for key in shared] == [asked[1][key] for key in shared]


def test_no_more_than_asked_for_and_only_of_these_documents(texts: Texts) -> None:
    """`most` is a limit, and wrong options may come from elsewhere but questions may not."""
    one = texts.documents[0].id
    assert len(drawn(texts, most=4)) <= 4
    assert {each.document for each in drawn(texts, documents=[one])} == {one}


def test_few_drafts_are_spread_over_the_documents(texts: Texts) -> None:
    """A handful is not all of one document."""
    assert len({each.document for each in drawn(texts, most=6)}) >= 2


def test_an_unknown_document_is_refused(texts: Texts) -> None:
    """As everywhere, with what there is."""
    with pytest.raises(GenerationError, match="no document 'nowhere'"):
        drawn(texts, documents=["nowhere"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It was. They did so too. This is why.", "nothing to ask about"),
        ("Captain Simon Talbeek laid the first stone of the harbour of Veldmar in 1612.", "too little to draft"),
    ],
)
def test_a_library_too_small_says_so(tmp_path: Path, text: str, reason: str) -> None:
    """Where nothing stands alone, or wrong answers are missing, the reason comes instead of drafts."""
    with pytest.raises(TooLittle, match=reason):
        drawn(town(tmp_path, text))


def test_no_sentence_that_leans_on_another_is_asked_alone(texts: Texts) -> None:
    """What begins with "He" or "It" comes with the sentence before it, or not at all."""
    quotes = [each.item.quote for each in drawn(texts)]
    assert not [quote for quote in quotes if quote.startswith(("He ", "It ", "This "))]
    assert not [quote for quote in quotes if quote.endswith("?")]


def test_a_file_of_drafts_is_read_as_a_bank(texts: Texts, tmp_path: Path) -> None:
    """Each document is an axis of its own, with its title, and every item comes back as it was."""
    drafts = drawn(texts)
    file = tmp_path / "drafts.yaml"
    file.write_text(as_yaml(drafts), encoding="utf-8")
    read = read_bank(files=[file])
    assert not read.faults
    assert {item.id: item.version for item in read.items} == {each.item.id: each.item.version for each in drafts}
    assert {each.item.axis: each.title for each in drafts}.items() <= read.axes.items()
    assert len(list(yaml.safe_load_all(file.read_text(encoding="utf-8")))) == len({each.document for each in drafts})


def test_a_draft_kept_as_json_is_the_same_item(texts: Texts) -> None:
    """Axis and row are all that has to be kept."""
    drafts = drawn(texts)
    kept = json.loads(as_json(drafts, "a-generation"))
    assert kept["generation"] == "a-generation"
    read = [read_entry(each["row"], axis=each["axis"], file=drafts[0].item.file) for each in kept["drafts"]]
    assert read == [each.item for each in drafts]
    assert [each["title"] for each in kept["drafts"]] == [each.title for each in drafts]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_no_wrong_option_makes_a_sentence_of_the_library(texts: Texts, seed: int) -> None:
    """Whatever is drawn: filled in, a wrong option gives a sentence that stands nowhere."""
    whole = " ".join(document.text for document in texts.documents)
    for each in drawn(texts, seed):
        if each.item.kind is ItemKind.GAP:
            assert each.item.question.replace(BLANK, each.item.options[0]) in whole
            assert not [o for o in each.item.options[1:] if each.item.question.replace(BLANK, o) in whole]
            assert each.item.options[0] not in each.item.question


def test_one_document_gives_drafts_too(tmp_path: Path) -> None:
    """Other documents are no condition."""
    assert drawn(town(tmp_path, HARBOUR))
