"""The words of a heading count for the sentences below it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from index.answering.heading_words import gains_of_heading_words
from index.documents.document import Heading
from index.generations.build import build
from index.generations.generation import Generation, load
from index.text.aliases import Aliases
from tests.index.fakes import FakeEncoder, document

PARTS = {"Treatments for asthma": "Rest helps most people. Steroids open the airways in asthma.", "": "Snow is rare."}


def made(folder: Path) -> Generation:
    text, headings = "", []
    for heading, body in PARTS.items():
        if heading:
            headings.append(Heading(len(text), len(text) + len(heading), 1))
        text += f"{heading}\n\n{body}\n\n".lstrip()
    whole = replace(document(text, "health.md"), headings=tuple(headings))
    report = build(
        [whole], data=folder, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00"
    )
    return load(folder, report.generation)


def test_a_heading_completes_its_sentences(tmp_path: Path) -> None:
    """A topic word that the heading has in another inflection counts where the sentence lacks it, and only there."""
    generation = made(tmp_path)
    passages = np.arange(len(generation.passages))
    topic = ["treatment", "asthma"]
    said = generation.lexical_overlap.holds(topic, passages)
    assert said[:2].tolist() == [[False, False], [False, True]]
    without_words, with_one, *_ = gains_of_heading_words(generation, topic, passages)
    assert without_words > with_one > 0


def test_only_headings_with_words_of_the_question_count(tmp_path: Path) -> None:
    """A heading that shares no topic word adds nothing; the more of its words are asked for, the more it adds."""
    generation = made(tmp_path)
    passages = np.arange(len(generation.passages))

    def gain(topic: list[str]) -> float:
        return float(gains_of_heading_words(generation, topic, passages)[1])

    assert gain(["snow"]) == 0
    assert gain(["asthma", "treatment"]) > gain(["asthma"]) > 0
