"""Lexical features of a message for the dialogue act classifier: n-grams over the words that acts are said with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from bot.conversation.smalltalk import tokens

UNKNOWN = "*"
_SHORTEST_CORRECTED = 5  # letters: shorter words have too many neighbours, "quit" is no "quiz"
_STEM = 5
_MOST_COUNTED = 4
_MINIMUM_EXAMPLES = 2  # a feature of one example says more about that example than about its act


class Wording:
    """Maps words to the vocabulary of the acts and texts to feature numbers.

    A word of no act, such as one of the topic, is read as UNKNOWN, so "what is a tariff" and "what is a fjord" look
    alike. Words with one letter too many, too few, wrong or swapped are read as the word they resemble.
    """

    def __init__(self, vocabulary: Iterable[str], shorthand: Mapping[str, str]) -> None:
        self._shorthand = {short: tuple(full.split()) for short, full in shorthand.items()}
        self._vocabulary = frozenset(word for text in vocabulary for word in self._expanded(text))
        self._shortened: dict[str, str] = {}
        for word in sorted(self._vocabulary):
            if len(word) >= _SHORTEST_CORRECTED:
                for shortened in _without_one_letter(word):
                    self._shortened.setdefault(shortened, word)
        self.numbers: dict[str, int] = {}

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of a text, those outside the vocabulary as UNKNOWN, "please" left out."""
        return tuple(self._known(word) for word in self._expanded(text) if word != "please")

    def learn(self, texts: Sequence[str]) -> None:
        """Number the features that several of these texts have."""
        counts = Counter(feature for text in texts for feature in features_of(self.words(text)))
        kept = sorted(feature for feature, count in counts.items() if count >= _MINIMUM_EXAMPLES)
        self.numbers = {feature: number for number, feature in enumerate(kept)}

    def features(self, words: Sequence[str]) -> tuple[list[int], float]:
        """Return the numbers of the features of `words`, and the weight of each for a vector of unit length."""
        found = features_of(words)
        return [self.numbers[feature] for feature in found if feature in self.numbers], len(found) ** -0.5

    def _expanded(self, text: str) -> Iterable[str]:
        for token in tokens(text):
            word = token.replace("'", "")
            yield from self._shorthand.get(word, (word,))

    def _known(self, word: str) -> str:
        if word in self._vocabulary:
            return word
        once = "".join(letter for letter, following in pairwise(word + " ") if letter != following)
        if once in self._vocabulary:
            return once
        if len(word) < _SHORTEST_CORRECTED:
            return UNKNOWN
        if word in self._shortened:
            return self._shortened[word]
        for shortened in _without_one_letter(word):
            if shortened in self._vocabulary and len(shortened) >= _SHORTEST_CORRECTED:
                return shortened
            if shortened in self._shortened:
                return self._shortened[shortened]
        return UNKNOWN


def features_of(words: Sequence[str]) -> set[str]:
    """Name the features: words, stems, word pairs and triples, how many words there are and how many are unknown."""
    merged = ["^", *(w for w, before in zip(words, ("", *words), strict=False) if w != UNKNOWN or before != w), "$"]
    found = {f"unknown {min(words.count(UNKNOWN), _MOST_COUNTED)}", f"words {min(len(words), 3 * _MOST_COUNTED)}"}
    found.update(merged[1:-1])
    found.update(f"{word[:_STEM]}~" for word in merged if len(word) > _STEM)
    found.update(map(" ".join, pairwise(merged)))
    found.update(map(" ".join, zip(merged, merged[1:], merged[2:], strict=False)))
    return found


def _without_one_letter(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]
