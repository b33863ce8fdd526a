"""Questions that name a document: it alone answers, and a name that no document has is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from index.answering.answer import Asked, Outcome
from index.answering.named import named_in
from index.answering.selection import answer
from index.generations.build import build
from index.generations.generation import Generation, load
from index.generations.narrowing import of_documents, without
from index.text.aliases import Aliases
from tests.index.fakes import FakeEncoder, document

POLICY = "This is our policy. We keep your address for {} years. We share your data with {}. Our shops sell wood."
SHOPS = {
    "walmart.com.txt": ("three", "suppliers"),
    "theatlantic.com.txt": ("seven", "printers"),
    "Caribou Coffee.md": ("nine", "farmers"),
}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    data = tmp_path_factory.mktemp("shops")
    documents = [replace(document(POLICY.format(*facts), name), title=name) for name, facts in SHOPS.items()]
    report = build(documents, data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00")
    return load(data, report.generation)


@pytest.mark.parametrize(
    ("asked", "document", "rest"),
    [
        ("In the policy of Walmart, how long is an address kept?", "walmart.com.txt", "how long is an address kept?"),
        ("How long is an address kept in the policy of walmart?", "walmart.com.txt", "How long is an address kept ?"),
        ("According to The Atlantic's privacy policy, who gets data?", "theatlantic.com.txt", "who gets data?"),
        ("Who gets data (in the privacy policy of caribou coffee)?", "Caribou Coffee.md", "Who gets data ( )?"),
        ("Who gets data at Caribou Coffee?", "Caribou Coffee.md", "Who gets data"),
        ("Does Walmart share data?", "walmart.com.txt", "Does Walmart share data?"),
        ("In the document “theatlantic.com”, who gets data?", "theatlantic.com.txt", None),
    ],
)
def test_the_named_document_is_found(shops: Generation, asked: str, document: str, rest: str | None) -> None:
    """By title or file name, in one word or several, in whatever case; the name is left out where it is an aside."""
    found = named_in(shops, asked)
    assert found is not None
    assert found.documents == {document}
    assert rest is None or found.question == rest


@pytest.mark.parametrize("asked", ["Who gets data?", "Which shops sell wood?", "In the policy of the shops?", ""])
def test_a_question_that_names_none_is_left_alone(shops: Generation, asked: str) -> None:
    """Words of the text are no names."""
    assert named_in(shops, asked) is None


def test_only_the_named_document_answers(shops: Generation) -> None:
    """The first quote and all others are of it, though others say the same in the same words."""
    for name, (years, _) in SHOPS.items():
        asked = Asked(f"In the policy of {name.partition('.')[0].title()}, how long is your address kept?")
        [found] = answer(shops, FakeEncoder(), [asked])
        assert {quote.document for quote in (*found.quotes, *found.more)} == {name}
        assert years in found.quotes[0].text
        assert found.question == found.understood == asked.text


def test_a_hidden_document_has_no_name(shops: Generation) -> None:
    """A view without a document does not find it by its name again, and a view of a view shows no more than that."""
    hidden = np.array([passage.document == "walmart.com.txt" for passage in shops.passages])
    view = without(shops, hidden)
    assert named_in(view, "Who gets data at Walmart?") is None
    [found] = answer(view, FakeEncoder(), [Asked("In the policy of Caribou Coffee, who gets data?")])
    assert {quote.document for quote in found.quotes} == {"Caribou Coffee.md"}
    assert without(view, ~hidden).kept is not None
    assert not without(view, ~hidden).kept.any()


def test_a_document_that_is_not_there_is_named(shops: Generation) -> None:
    """Nothing is answered from other documents, and the other questions of the batch are."""
    asked = ["How long does the policy of Bank of Tools keep my address?", "How long is an address kept at Walmart?"]
    missing, other = answer(shops, FakeEncoder(), [Asked(text) for text in asked])
    assert (missing.outcome, missing.absent, missing.quotes) == (Outcome.NOT_COVERED, "Bank of Tools", ())
    assert (other.absent, other.quotes[0].document) == ("", "walmart.com.txt")


def test_the_view_of_a_document_is_kept(shops: Generation) -> None:
    """Who asks of one document again gets the same view of it; another document's view is another."""
    one, two = (frozenset([document.id]) for document in shops.texts.documents[:2])
    view = of_documents(shops, one)
    assert view.kept is not None
    assert {shops.passages[n].document for n in np.flatnonzero(view.kept)} == one
    assert of_documents(shops, one) is view
    assert of_documents(shops, two) is not view
