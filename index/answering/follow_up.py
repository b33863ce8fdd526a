"""Rewrites a follow-up question so that it stands alone, from the questions of the same person before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from index.answering.question import continues, new_subject, topic_words
from index.text.words import stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.models.encoder import Encoder

_KINDRED = 0.55  # cosine, at least, of two words of one kind, such as "French" and "British"
_REMEMBERED = 4  # earlier questions
# Characters: four questions of the longest that Discord allows us. A subject that replaces many words makes a question
# many times as long, and the next one again: without the limit four turns could fill the memory.
_LONGEST = 4000
_LONGEST_SUBJECT = 100  # characters
_OWNS = re.compile(r"(?:'s|’s|s'|s’)$")
_OWNER = re.compile(r"(?<![\w-])(?P<owned>[\w-]+)(?:'s|’s)|\bof (?:the |an? )?(?P<of>[\w-]+)(?=\W*$)", re.IGNORECASE)


def stand_alone(question: str, history: Sequence[str], encoder: Encoder) -> str:
    """Rewrite a follow-up as one question; any other question is returned unchanged.

    `history` holds earlier questions, oldest first. After "How many forts did the French build?", "And what about the
    British?" becomes "How many forts did the British build?": the new subject replaces the word of its kind, or is
    appended when there is none. A question with a pronoun is appended to the earlier one. What would become too long
    is returned unchanged.
    """
    understood = ""
    for asked in (*history[-_REMEMBERED:], question):
        continued = _continued(asked, understood, encoder) if understood and continues(asked) else asked
        understood = continued if len(continued) <= _LONGEST else asked
    return understood


def _continued(question: str, earlier: str, encoder: Encoder) -> str:
    subject = new_subject(question)
    if subject is None or len(subject) > _LONGEST_SUBJECT:
        return f"{earlier} {question}"
    name = _OWNS.sub("", subject)
    owner = _owner(earlier)
    replaced = (
        (owner if name != subject else None) or _same_head(name, earlier) or _kindred(name, earlier, encoder) or owner
    )
    if replaced is None:
        return f"{earlier} {name}?"
    return re.sub(rf"\b{re.escape(replaced)}\b", lambda _: name, earlier, flags=re.IGNORECASE)


def _owner(earlier: str) -> str | None:
    """Find the owner in the earlier question: "Internet" in "the Internet's form" or "the form of the Internet"."""
    found = _OWNER.search(earlier)
    return (found["owned"] or found["of"]) if found else None


def _same_head(name: str, earlier: str) -> str | None:
    """Find two words of which the second is the last one of the name: "Yuan dynasty" for "Ming dynasty"."""
    words = name.split()
    if len(words) < 2:
        return None
    # Looking ahead finds every pair of neighbours; plain matches would take each word into one pair only.
    for found in re.finditer(r"(?<![\w-])([\w-]+)(?= ([\w-]+))", earlier):
        if stem(found[2].lower()) == stem(words[-1].lower()):
            return f"{found[1]} {found[2]}"
    return None


def _kindred(name: str, earlier: str, encoder: Encoder) -> str | None:
    """Find the topic word of the earlier question with the highest cosine to the name, if that is high enough."""
    candidates = [word for word in topic_words(earlier) if word not in name.lower().split()]
    if not candidates:
        return None
    rows = encoder.encode_queries([name, *candidates])
    cosine_similarity = rows[1:] @ rows[0]
    best = int(np.argmax(cosine_similarity))
    return candidates[best] if cosine_similarity[best] >= _KINDRED else None
