"""How a document begins and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.answering.edges import Edge, edge_named, sentences_at
from tests.index.fakes import library

TEXT = """Springs feed a river all year. Why do they never dry up? Snow feeds it only until the summer.

How floods form

Rain on frozen ground runs off at once. A dam holds the flood back in spring.

References

Smith wrote a book on rivers in 1950."""


@pytest.mark.parametrize(
    ("topic", "edge"),
    [
        ("the introduction", Edge.BEGINNING),
        ("beginning", Edge.BEGINNING),
        ("conclusions", Edge.ENDING),
        ("the end", Edge.ENDING),
        ("endings of verbs", None),
        ("start menu", None),
        ("", None),
    ],
)
def test_an_edge_is_named_by_a_word_alone(topic: str, edge: Edge | None) -> None:
    """A word that only begins like one names something else."""
    assert edge_named(topic) is edge


def test_the_edges_are_sentences_that_can_be_quoted(tmp_path: Path) -> None:
    """In reading order, without questions and without the list of references."""
    generation = library(tmp_path, TEXT)
    [document] = generation.texts.documents

    def shown(edge: Edge) -> list[str]:
        return [generation.sentence(number).text for number in sentences_at(generation, document.id, edge, 2)]

    assert shown(Edge.BEGINNING) == ["Springs feed a river all year.", "Snow feeds it only until the summer."]
    assert shown(Edge.ENDING) == ["Rain on frozen ground runs off at once.", "A dam holds the flood back in spring."]
