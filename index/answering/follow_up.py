"""Makes a follow-up question stand by itself, with the help of what the same person asked before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from index.answering.question import continues, new_subject, topic_words
from index.text.words import stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.models.encoder import Encoder

_KINDRED = 0.55  # two words closer than this (cosine) are of one kind: the French and the British
_REMEMBERED = 4
# What four questions of the length that Discord's side takes may come to together. A subject put in many places makes
# a question many times as long, and that one the next: after four turns it would fill the memory.
_LONGEST = 4000
_LONGEST_SUBJECT = 100
_OWNS = re.compile(r"(?:'s|’s|s'|s’)$")
_OWNER = re.compile(r"(?<![\w-])(?P<owned>[\w-]+)(?:'s|’s)|\bof (?:the |an? )?(?P<of>[\w-]+)(?=\W*$)", re.IGNORECASE)


def stand_alone(question: str, history: Sequence[str], encoder: Encoder) -> str:
    """Say in one question what a follow-up asks; a question that needs no history comes back as it is.

    `history` holds earlier questions, oldest first. "And what about the Huguenots?" puts the new subject in the place
    of the word of its kind in the earlier question, or, where none is of its kind, beside it; a question that points
    back with a pronoun is asked together with the earlier one. What would become too long stands alone.
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
    """Find whose something the earlier question was about: "the metaverse's" takes the Internet's place."""
    found = _OWNER.search(earlier)
    return (found["owned"] or found["of"]) if found else None


def _same_head(name: str, earlier: str) -> str | None:
    """Find "Yuan dynasty" for "Ming dynasty"."""
    words = name.split()
    if len(words) < 2:
        return None
    # Looking ahead finds every pair of neighbours; plain matches would take each word into one pair only.
    for found in re.finditer(r"(?<![\w-])([\w-]+)(?= ([\w-]+))", earlier):
        if stem(found[2].lower()) == stem(words[-1].lower()):
            return f"{found[1]} {found[2]}"
    return None


def _kindred(name: str, earlier: str, encoder: Encoder) -> str | None:
    """Find the word of the earlier question that is nearest in meaning, if it is near enough."""
    candidates = [word for word in topic_words(earlier) if word not in name.lower().split()]
    if not candidates:
        return None
    rows = encoder.encode_queries([name, *candidates])
    cosine_similarity = rows[1:] @ rows[0]
    best = int(np.argmax(cosine_similarity))
    return candidates[best] if cosine_similarity[best] >= _KINDRED else None
