"""Three rules for the sentences of a library, and one walk over the sentences.

*Quotable*: inside a passage and free of noise (page furniture, hashes, control characters). `index.text.passages.split`
finds these, so every sentence of a library is quotable.
*Readable*: holds no mojibake.
*Self-contained*: understood without the sentences around it: no fragment, as what starts in lower case or ends in a
comma, and no question. A quiz question needs a stricter rule, which looks at the
whole library: `bot/quiz/drafting/standalone.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.boundaries import starts_low
from index.text.noise import mended
from index.text.words import word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.documents.document import Document
    from index.text.passages import Passage

_QUESTION_MARKS = ("?", "\uff1f", "\u061f")  # also full-width and Arabic
_COMMAS = (",", "\uff0c", "\u3001")
_ENDS = (".", "!", "?")
_FEWEST_WORDS = 4  # shorter ones are exclamations and labels


@dataclass(frozen=True, slots=True)
class LibrarySentence:
    """A quotable sentence and where it stands: `document.text[start:end]`, in the passage of that index."""

    document: Document
    passage: Passage
    passage_index: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence as the source has it."""
        return self.document.text[self.start : self.end]

    @property
    def heading(self) -> str:
        """The heading above the passage, or the empty string."""
        return self.passage.heading

    @property
    def is_readable(self) -> bool:
        """Whether the sentence holds no mojibake."""
        return mended(self.text) == self.text

    @property
    def is_self_contained(self) -> bool:
        """Whether the sentence is whole, has four words or more and is neither a question nor the head of a table."""
        text = mended(self.text)
        is_statement = not text.endswith(_QUESTION_MARKS) and not self._heads_table
        return word_count(text) >= _FEWEST_WORDS and is_statement and self.is_whole

    @property
    def _heads_table(self) -> bool:
        """Whether the sentence is a row of column headings, which the next row repeats: "Name | Age", "Name: Ada"."""
        first, bar, _ = self.text.partition(" | ")
        return bool(bar) and self.document.text[self.end : self.end + len(first) + 4].lstrip().startswith(f"{first}: ")

    @property
    def is_whole(self) -> bool:
        """Whether the sentence ends in no comma, and starts in lower case only by habit or where a text begins anew."""
        text = self.text
        return not text.endswith(_COMMAS) and (not starts_low(text) or self._begins_anew or self._has_habit)

    @property
    def _begins_anew(self) -> bool:
        """Whether the sentence ends in a full stop and opens a paragraph below a heading or after a whole sentence.

        "tutor backup FILE copies the store." does, where a page break leaves the second half of a sentence there.
        """
        if self.start != self.passage.start or not self.text.endswith("."):
            return False
        before = self.document.text[: self.start].rstrip()
        ends = (heading.end for heading in self.document.headings)
        return before.endswith(_ENDS) or not before or any(len(before) == end for end in ends)

    @property
    def _has_habit(self) -> bool:
        """Whether sentences of the passage start in lower case as a habit, as in chats."""
        source = self.document.text
        low = [starts_low(source[each.start : each.end]) for each in self.passage.sentences]
        return sum(low) > max(1, len(low) / 2)


def library_sentences(documents: Iterable[Document], passages: Iterable[Passage]) -> Iterator[LibrarySentence]:
    """Yield the sentences of all passages in order: the numbers of `Generation.sentences` count them from 0."""
    by_id = {document.id: document for document in documents}
    for index, passage in enumerate(passages):
        for sentence in passage.sentences:
            yield LibrarySentence(by_id[passage.document], passage, index, sentence.start, sentence.end)
