"""Files of many kinds stay as well read as they were."""

from __future__ import annotations

from statistics import fmean

from tests.bench.reading import corpus, scored


def test_the_corpus_is_read_as_a_reader_reads_it() -> None:
    """Words, ends of quotes, headings and tables of more than twenty made files are right, on the mean .98."""
    found = list(scored(corpus()))
    assert len(found) > 20
    assert fmean(score.mean for _, score, _ in found) >= 0.98
    assert min(score.mean for _, score, _ in found) >= 0.85
