"""Extracts an overview: the sentences of the library that state its main points, word for word and in reading order.

The score of a sentence is a weighted sum: centrality (cosine to the mean vector of its section and of its document, as
in centroid-based summarisation: Radev et al. 2004) and the title, location and cue features of Edmundson, "New Methods
in Automatic Extracting" (1969). A sentence that does not read alone, or that repeats a chosen one, comes last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from index.answering.cues import claim, dependence
from index.text.lexicon import ENGLISH, any_of, lexicon
from index.text.noise import mended
from index.text.words import stems, word_count

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
_CROWDED = 0.2  # cost of a sentence for each chosen one of its section
_UNFIT, _POINT = -0.25, 1.3  # a sentence of at most these penalties, or of less than this score, is a last resort:
_LAST_RESORT = 10.0  # it costs so much, and is shown only where there are fewer than FEWEST others
_MIN_WORDS, _MAX_WORDS = 7, 50
_ENDS = (".", "!", "\u3002", "\uff01", "\u0964")  # also of Chinese, Japanese and Hindi
_LETTERS = 0.9  # share of letters and spaces of a text that is no row of a table
_SCANNED = 3_000  # first sentences of a section whose vectors are compared
_COMPARED = 14  # sentences for each quote whose words are looked at: bounds the time, `python -m tests.bench overview`
_SAMPLE = 100  # sentences that tell text from tables
_TRIED = 4  # times as many are looked through for such as may be shown

# Beside the cosines to the mean vectors of the section and of the document, which count 1 each.
_HEADING = 0.4  # times the share of the heading's stems that the sentence has
_FIRST, _TOPIC = 0.3, 0.1  # first of its section, of its paragraph
_LENGTH = -0.3  # for less than 10 or more than 40 words
_OPENING = 0.1  # for the first section among the sections
BACK_MATTER = re.compile(rf"\W*{any_of(lexicon(ENGLISH).back_matter)}\W*", re.IGNORECASE)
"""Matches the heading of a section that states no points of the document."""


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
    chosen = [main_sentences(generation, groups[place], 1) for place in representative(generation, groups, most)]
    return [number for numbers in chosen for number in numbers]


def representative(generation: Generation, groups: Sequence[Sequence[Section]], most: int) -> list[int]:
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

    The best sentence of all comes first into the choice; after it those of sections of which none is chosen yet are
    preferred. Fewer than `most` where the text is short or the rest does not read well alone.
    """
    text = [section for section in sections if not BACK_MATTER.fullmatch(section.heading)]
    parts = _parts(generation, text, most) or _parts(generation, sections, most)
    if not parts:
        return []
    numbers = np.concatenate([part.numbers for part in parts])
    wanted = min(most, max(FEWEST, len(numbers) // _SENTENCES_A_QUOTE + 1, len(parts) + (len(parts) > 1)))
    penalties = np.concatenate([part.penalties for part in parts])
    owner = np.repeat(np.arange(len(parts)), [len(part.numbers) for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    whole = _unit(rows.sum(axis=0))
    scores = np.concatenate([part.scores for part in parts]) + rows @ whole
    unfit = (penalties <= _UNFIT) | (scores < _POINT)
    scores -= _LAST_RESORT * unfit
    chosen = [int(np.argmax(scores + rows @ whole))]  # for the thesis the document counts twice
    while len(chosen) < wanted:
        near = (rows @ rows[chosen].T).max(axis=1)
        value = scores - np.maximum(near - _NEAR, 0.0)
        value -= _CROWDED * np.bincount(owner[chosen], minlength=len(parts))[owner]
        value[near >= _REPEATS] = -np.inf
        best = int(np.argmax(value))
        if not np.isfinite(value[best]) or (unfit[best] and len(chosen) >= FEWEST):
            break
        chosen.append(best)
    return sorted(int(numbers[place]) for place in chosen)


class _Part:
    """The sentences of a section that may be shown, in order, with their vectors and scores, higher = better."""

    def __init__(self, generation: Generation, section: Section, most: int, *, strict: bool) -> None:
        starts = generation.sentence_starts
        first, end = int(starts[section.first]), int(starts[section.end])
        rows = generation.sentence_vectors.vectors[first : min(end, first + _SCANNED)]
        self.mean = _unit(rows.sum(axis=0))
        cheap = rows @ self.mean
        topics = starts[section.first : section.end] - first
        cheap[topics[topics < len(cheap)]] += _TOPIC
        cheap[:1] += _FIRST
        likely = first + np.argsort(-cheap, kind="stable")[: _TRIED * most]
        texts = {int(number): generation.sentence(int(number)).text for number in likely}
        fit = sorted([number for number, text in texts.items() if may_be_shown(text, strict)][:most])
        heading = set(stems(section.heading))
        self.numbers = np.array(fit, np.int64)
        self.rows = rows[self.numbers - first]
        self.penalties = np.array([dependence(texts[number]) for number in fit], np.float32)
        rewards = np.array([_rewards(texts[number], heading) for number in fit], np.float32)
        self.scores = rewards + self.penalties + cheap[self.numbers - first]


def _parts(generation: Generation, sections: Sequence[Section], most: int) -> list[_Part]:
    """Take the sections with sentences to show, at most `most`, nearest to the whole first; in reading order."""
    order = _by_weight(generation, sections)
    for strict in (True, False):
        if not (strict or _is_text(generation, sections)):
            break
        found: dict[int, _Part] = {}
        for place in order:
            part = _Part(generation, sections[place], 1 + _COMPARED * most // min(most, len(sections)), strict=strict)
            if len(part.numbers):
                found[place] = part
            if len(found) == max(1, most - 1):  # one quote is left for the thesis
                break
        if found:
            return [found[place] for place in sorted(found)]
    return []


def _is_text(generation: Generation, sections: Sequence[Section]) -> bool:
    """Whether most of the first sentences are words, be they only lines of slides; not so of tables and charts."""
    starts = generation.sentence_starts
    numbers = [n for each in sections for n in range(int(starts[each.first]), int(starts[each.end]))][:_SAMPLE]
    return 2 * sum(may_be_shown(generation.sentence(number).text, strict=False) for number in numbers) > len(numbers)


def _rewards(text: str, heading: set[str]) -> float:
    words = word_count(text)
    return (
        claim(text)
        + _HEADING * (len(heading & set(stems(text))) / len(heading) if heading else 0.0)
        + _LENGTH * (words < 10 or words > 40)
    )


def may_be_shown(text: str, strict: bool) -> bool:
    """Say whether a text may be quoted: a whole sentence, or if not `strict` any words that are no row of a table."""
    if not strict:
        letters = sum(char.isalpha() or char.isspace() for char in text)
        return (
            letters > _LETTERS * len(text)
            and word_count(text) > 1
            and not re.search(r"[|…]", text)
            and mended(text) == text
        )
    return (
        _MIN_WORDS <= word_count(text) <= _MAX_WORDS
        and text[:1].upper() == text[:1]
        and text.rstrip("\"”’')").endswith(_ENDS)
        and mended(text) == text
    )


def _by_weight(generation: Generation, sections: Sequence[Section]) -> list[int]:
    """Order sections by nearness to the whole and by size."""
    if not sections:
        return []
    rows = generation.passage_vectors.vectors
    means = np.array([_unit(rows[section.first : section.end].sum(axis=0)) for section in sections])
    sizes = np.array([section.end - section.first for section in sections], np.float32)
    value = means @ _unit(sizes @ means) + 0.3 * np.log1p(sizes) / np.log1p(sizes.max())
    value[0] += _OPENING
    return [int(place) for place in np.argsort(-value, kind="stable")]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, np.float32)
