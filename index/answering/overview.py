"""Extracts an overview: the sentences of the library that state its main points, word for word and in reading order.

The score of a sentence is a weighted sum: centrality (cosine to the mean vector of its section and of its document, as
in centroid-based summarisation: Radev et al. 2004) and the title, location and cue features of Edmundson, "New Methods
in Automatic Extracting" (1969). A sentence that does not read alone, or that repeats a chosen one, comes last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from index.text.noise import mended
from index.text.words import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.answering.scope import Scope
    from index.generations.generation import Generation
    from index.text.sections import Section

FEWEST, MOST = 3, 7  # quotes of an overview
_SENTENCES_A_QUOTE = 6  # a text of so many sentences for each quote is long enough for one more
_REPEATS = 0.9  # cosine from which a sentence repeats another
_NEAR = 0.5  # cosine from which a sentence costs the less the further it is from the chosen ones
_MIN_WORDS, _MAX_WORDS = 7, 50
_SCANNED = 400  # sentences of one section that are compared, the first ones: bounds the work of a book without headings

_WEIGHTS = {
    "section": 1.0,  # cosine to the section's mean vector
    "document": 1.0,  # cosine to the document's mean vector
    "heading": 0.5,  # share of the heading's stems that the sentence has
    "location": 0.15,  # opens or closes its section
    "cue": 0.12,  # a phrase that marks a claim, at most two counted
    "aside": -0.3,  # a phrase that marks an example, a citation, a list or a view that is granted only to be denied
    "leans": -0.45,  # opens with a word that needs the sentence before
    "length": -0.3,  # shorter or longer than a sentence that states a point
}
_CUE = re.compile(
    r"\b(?:must|should|need(?:s|ed)? to|important|essential(?:ly)?|crucial|key|main|central|fundamental(?:ly)?|"
    r"in fact|in short|in other words|above all|the point is|the (?:aim|goal|purpose|task|question|problem|difference|"
    r"value|result|reason) (?:of|is|was)|argu(?:e|es|ed)|believes?|conclu\w+|shows? that|means? that|is defined as|"
    r"completely|very different|not .{3,60} but|only (?:by|when|if)|always|never)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\b(?:for (?:example|instance)|e\.g\.|such as|et al\.?|see (?:also|below|above|the)|figure \d|table \d|note:)"
    r"|https?:|\bI\b|at first (?:glance|sight)|superficially|on the (?:face|surface)|it (?:may|might) seem|"
    r"[\"“”].{0,80}[\"“”]",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"\W*(?:this|that|these|those|such|it|its|they|them|their|he|she|his|her|there(?!\s+(?:is|are|was|were)\b)|here|"
    r"however|therefore|thus|hence|so|but|and|or|yet|also|moreover|furthermore|besides|instead|otherwise|still|then|"
    r"meanwhile|nevertheless|likewise|similarly|consequently|because of (?:this|that)|as a result|after all|of course|"
    r"in (?:addition|turn|response|contrast|this|that|these|such)|for (?:this|that|example|instance)|simply|obviously|"
    r"on the (?:other|contrary)|at (?:this|that)|indeed|another|others|both|"
    r"the (?:former|latter|same|second|third|other))\b",
    re.IGNORECASE,
)


def overview(generation: Generation, scope: Scope, most: int = MOST) -> list[int]:
    """Number the sentences that give an overview of a scope, in reading order.

    Of several documents: one sentence of each of the documents that together stand nearest to all of them (greedy
    facility location over the documents' mean vectors), the most representative document first.
    """
    by_document: dict[str, list[Section]] = {}
    for section in scope.sections:
        by_document.setdefault(section.document, []).append(section)
    if len(by_document) == 1:
        return main_sentences(generation, scope.sections, most)
    groups = list(by_document.values())
    chosen = [main_sentences(generation, groups[place], 1) for place in _representative(generation, groups, most)]
    return [number for numbers in chosen for number in numbers]


def _representative(generation: Generation, groups: Sequence[Sequence[Section]], most: int) -> list[int]:
    """Number at most `most` documents so that each document has a near one among them; the most central one first."""
    rows = generation.passage_vectors.vectors
    means = np.array([_unit(rows[group[0].first : group[-1].end].sum(axis=0)) for group in groups])
    if len(groups) <= most:
        return list(range(len(groups)))
    near = means @ means.T
    covered = np.zeros(len(groups), np.float32)
    chosen: list[int] = []
    for _ in range(most):
        gain = np.maximum(near, covered[:, None]).sum(axis=0)
        gain[chosen] = -np.inf
        chosen.append(int(np.argmax(gain)))
        covered = np.maximum(covered, near[:, chosen[-1]])
    return chosen


def main_sentences(generation: Generation, sections: Sequence[Section], most: int = MOST) -> list[int]:
    """Number the sentences that state the main points of these sections of one document, in reading order.

    The best sentence of all comes first into the choice, then the best of each section, then what is left.
    """
    parts = [_Part(generation, section) for section in _largest(generation, sections, most)]
    parts = [part for part in parts if len(part.numbers)]
    if not parts:
        return []
    whole = _unit(np.sum([part.mean * len(part.numbers) for part in parts], axis=0))
    total = sum(len(part.numbers) for part in parts)
    wanted = min(most, max(FEWEST, total // _SENTENCES_A_QUOTE + 1, len(parts) + (len(parts) > 1)))
    numbers = np.concatenate([part.numbers for part in parts])
    scores = np.concatenate([part.scores(whole) for part in parts])
    owner = np.repeat(np.arange(len(parts)), [len(part.numbers) for part in parts])
    rows = generation.sentence_vectors.vectors[numbers]
    chosen: list[int] = []
    waiting: set[int] = set(range(len(parts)))  # the sections whose turn it is
    central = scores + rows @ whole  # for the thesis the document counts twice
    while len(chosen) < wanted:
        value = central
        if chosen:
            near = (rows @ rows[chosen].T).max(axis=1)
            value = np.where(near >= _REPEATS, -np.inf, scores - np.maximum(near - _NEAR, 0.0))
            if not np.isfinite(value).any():
                break
            if not np.isfinite(value[np.isin(owner, list(waiting))]).any():
                waiting = set(range(len(parts)))
            value = np.where(np.isin(owner, list(waiting)), value, -np.inf)
        chosen.append(int(np.argmax(value)))
        waiting.discard(int(owner[chosen[-1]]))
    return sorted(int(numbers[place]) for place in chosen)


class _Part:
    """The sentences of a section that may be shown, and their scores."""

    def __init__(self, generation: Generation, section: Section) -> None:
        starts = generation.sentence_starts
        first, end = int(starts[section.first]), int(starts[section.end])
        end = min(end, first + _SCANNED)
        texts = [generation.sentence(number).text for number in range(first, end)]
        fit = [n for n, text in enumerate(texts) if _shown(text)]
        self.numbers = np.array([first + n for n in fit], np.int64)
        self.rows = generation.sentence_vectors.vectors[self.numbers]
        self.mean = _unit(self.rows.sum(axis=0)) if fit else np.zeros(0, np.float32)
        heading = set(stems(section.heading))
        self.own = np.array([_features(texts[n], heading, n in (0, end - first - 1)) for n in fit], np.float32)

    def scores(self, whole: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(
            self.own + _WEIGHTS["section"] * (self.rows @ self.mean) + _WEIGHTS["document"] * (self.rows @ whole)
        )


def _features(text: str, heading: set[str], at_edge: bool) -> float:
    said = set(stems(text))
    words = len(text.split())
    return (
        _WEIGHTS["heading"] * (len(heading & said) / len(heading) if heading else 0.0)
        + _WEIGHTS["location"] * at_edge
        + _WEIGHTS["cue"] * min(2, len(_CUE.findall(text)))
        + _WEIGHTS["aside"] * bool(_ASIDE.search(text))
        + _WEIGHTS["leans"] * bool(_LEANS.match(text))
        + _WEIGHTS["length"] * (words < 10 or words > 40)
    )


def _shown(text: str) -> bool:
    return (
        _MIN_WORDS <= len(text.split()) <= _MAX_WORDS
        and text[:1].upper() == text[:1]
        and text.rstrip("\"”’')").endswith((".", "!"))
        and mended(text) == text
    )


def _largest(generation: Generation, sections: Sequence[Section], most: int) -> list[Section]:
    """Keep the sections nearest to the whole, large ones first, where there are more than quotes; in reading order."""
    if len(sections) < most:
        return list(sections)
    rows = generation.passage_vectors.vectors
    means = np.array([_unit(rows[s.first : s.end].sum(axis=0)) for s in sections])
    sizes = np.array([s.end - s.first for s in sections], np.float32)
    whole = _unit((means * sizes[:, None]).sum(axis=0))
    value = means @ whole + 0.3 * np.log1p(sizes) / np.log1p(sizes.max())
    kept = sorted(np.argsort(-value, kind="stable")[: most - 1].tolist())
    return [sections[n] for n in kept]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, np.float32)
