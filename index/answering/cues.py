"""Scores what the words of a sentence say about its place in an overview: whether it states a claim and reads alone.

The cue method of Edmundson, "New Methods in Automatic Extracting" (1969). The weights were set by reading the overviews
of twenty documents; `python -m tests.bench overview` counts what they give.
"""

from __future__ import annotations

import re

from index.text.lexicon import ENGLISH, any_of, lexicon

_SELF = r"(?:document|guide|essay|article|paper|book|chapter|appendix|section|report|policy|manual|tutorial)"
_REFERRING = rf"(?:this(?! {_SELF})|that|these|those|such|it|they|he|she|there)"


def _compiled(*features: tuple[float, str]) -> tuple[tuple[float, re.Pattern[str]], ...]:
    return tuple((weight, re.compile(pattern, re.IGNORECASE)) for weight, pattern in features)


_REWARDS = _compiled(
    # A phrase that marks a claim.
    (
        0.12,
        rf"\b{any_of(lexicon(ENGLISH).claims)}\b",
    ),
    (0.12, r"^(?:(?:an?|the) )?(?:[\w'’-]+ ){1,4}(?:is|are) (?:an?|the|not|defined)\b"),  # a definition
    (0.2, rf"^this {_SELF}\b"),
)
_PENALTIES = _compiled(
    # Opens with a word that needs the sentence before.
    (
        -0.7,
        rf"^\W*(?:there(?! (?:is|are|was|were)\b)|(?!there){_REFERRING}|its|them|their|his|her|here|however|therefore|"
        r"thus|hence|so|but|and|or|yet|also|moreover|furthermore|besides|instead|otherwise|still|then|meanwhile|"
        r"nevertheless|likewise|similarly|consequently|next|finally|again|because of|as a result|after all|of course|"
        r"simply|obviously|indeed|another|others|both|some|for (?:example|instance|now)|on the (?:other|contrary)|"
        r"in (?:addition|turn|response|contrast|practice|(?:the|which) case|the event)|"
        rf"(?:for|in|at|on|by|with|after|along|from|of|to|if|when|what|like) {_REFERRING}|"
        r"(?:un)?like [^,]{1,40}, (?:it|they)|(?:the )?(?:first|one|only) (?:thing|one)|"
        r"the (?:idea|reason|answer) (?:is|was)|"
        r"the (?:former|latter|same|second|third|others?|(?:first|next|last) (?:two|three|few)))\b",
    ),
    # Refers to another sentence further on.
    (
        -0.4,
        rf"\b(?:this|these)\b(?! {_SELF})|\bsuch\b(?! as)|, (?:therefore|however|then|too|on the contrary)\b|\balso\b|"
        r"\b(?:as well\.|above|below|(?:get|use|do|of|on|at|for|with|by|from|to|about) that|"
        r"following|earlier|former|latter|previous|preceding|of them|the next)\b",
    ),
    # Grants a view only to deny it.
    (-0.6, r"\bat first (?:glance|sight)|superficially|on the (?:face|surface)|it (?:may|might) seem"),
    # An example, a citation, figures, a special case, the writer's own case, a quotation, an exclamation.
    (
        -0.3,
        r"^(?:sometimes|occasionally)\b|(?:(?<![\w.,:-])\d+(?![\w:.]*:).*?){2}|"
        r"\b(?:for (?:example|instance)|e\.g\.|such as|et al\.?|see (?:also|the)|note:|"
        r"(?:figure|table|listing|chapter|section|step) \d)|https?:|@|\bI\b|\b(?:my|me)\b|[\"“”].{60,}[\"“”]|!\W*$",
    ),
    (-0.5, r"^[\"“](?:[^\"”]{25,}|[^\"”]*[,.?!][\"”])|^[\w+& ]{1,30}: "),  # somebody speaks: a dialogue, minutes
    # Tells the reader what to do or what to see next, or what is possible besides: "let's", not "Let's Encrypt".
    (
        -0.7,
        r"^(?:(?:first|next|then|now),? |(?:to|if|when) [^,]{1,80}, )?(?:please|click|see|visit|check|read|note|notice|"
        r"remember|make|move|try|go|open|run|type|enter|follow|identify|consider|take|let (?!us)|"
        r"let['’]s(?= (?-i:[a-z]))|look|use|add|create|install|choose|press|select|download|save|start|write|include|"
        r"contact|ask|tell|think|keep|send|wait|navigate|replace|copy|set|do(?:n['’]t)?|put|get|find|give|call|fill|"
        r"submit)\b|\bplease\b|contact (?:us|them)|you (?:may|might)\b|\b(?:we['’]ve|so let['’]s)\b|^we (?:just|now)\b|"
        r"\b(?:you|we)(?:['’]ll| should| will)(?: \w+)? see\b",
    ),
    (-0.3, r"^(?:if|once|unless) (?:you|we|someone|anyone)\b|^you['’]ve just\b"),
    (-0.4, r"[*|`{}<>\[\]\\…]|\w_\w|(?:\d\D{0,4}){12}"),  # left over from markup, code, a table
)
# Speaks of a person whom only the sentences before name.
_UNNAMED, _UNNAMED_COSTS = re.compile(r"^.[^A-Z]*\b(?:he|she|him|his|her|hers)\b"), -0.4


MOST_CLAIM = sum(weight for weight, _ in _REWARDS)
"""What `claim` gives at most."""


def claim(text: str) -> float:
    """Sum the rewards of a sentence: 0 or more."""
    return sum(weight for weight, pattern in _REWARDS if pattern.search(text))


def dependence(text: str) -> float:
    """Sum the penalties of a sentence that needs its neighbours or is no statement: 0 or less."""
    found = sum(weight for weight, pattern in _PENALTIES if pattern.search(text))
    return found + _UNNAMED_COSTS * bool(_UNNAMED.match(text))


def reads_alone(text: str) -> bool:
    """Return whether a sentence has no penalty, without looking for a second one: quicker than `dependence`."""
    return not (_UNNAMED.match(text) or any(pattern.search(text) for _, pattern in _PENALTIES))
