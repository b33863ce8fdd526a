"""Passages and sentences are ranges of the document, and nothing of it is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents.document import Document, read_sources
from index.text.noise import MarkKind, marks, marks_within, read_aliases
from index.text.passages import Passage, search_text, split
from tests.index.files import pdf, word
from tests.index.text.test_noise import ESSAY, HASH, PROSE, ROOT, document, noisy_text

NEVER_QUOTED = {MarkKind.HASH, MarkKind.FURNITURE, MarkKind.HEADING, MarkKind.BLANK}


def passages(text: str) -> tuple[Passage, ...]:
    source = document(text)
    return split(source, marks(source))


def quotable(text: str) -> list[str]:
    return [text[s.start : s.end] for passage in passages(text) for s in passage.sentences]


def put_together(source: Document) -> str:
    """Lay passages, and the marks outside them, end to end; fails where two overlap or leave a gap."""
    found = marks(source)
    parts = [(passage.start, passage.end) for passage in split(source, found)]
    outside = [m for m in found if not any(start <= m.start and m.end <= end for start, end in parts)]
    at = 0
    pieces = []
    for start, end in sorted(parts + [(mark.start, mark.end) for mark in outside]):
        assert start == at
        pieces.append(source.text[start:end])
        at = end
    return "".join(pieces)


@given(noisy_text | st.text(st.characters(exclude_categories=["Cs"])))
def test_put_together_it_is_the_document(text: str) -> None:
    """Passages and the marks outside them, by offset, are the whole document."""
    assert put_together(document(text)) == text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", pdf(["The rivers", "", PROSE[:60], PROSE[60:], "", "\u2022 a map", "\u2022 a boat"], [PROSE])),
        ("a.docx", word("# The rivers", PROSE, "## The borders", "A map is not its land. It is drawn.")),
    ],
)
def test_of_every_format_it_is_the_document(tmp_path: Path, name: str, data: bytes) -> None:
    """What was read out of a PDF or a Word file is parted without loss, and its headings are no prose."""
    (tmp_path / name).write_bytes(data)
    source = read_sources([tmp_path / name])[0][0]
    assert put_together(source) == source.text
    assert {passage.heading for passage in split(source, marks(source))} >= {"The rivers"}


@given(noisy_text | st.text(st.characters(exclude_categories=["Cs"])))
def test_a_sentence_is_clean_and_in_its_passage(text: str) -> None:
    """Sentences stand in order in their passage, trimmed, with something to read and without noise."""
    found = marks(document(text))
    for passage in split(document(text), found):
        assert passage.sentences
        at = passage.start
        for sentence in passage.sentences:
            assert at <= sentence.start < sentence.end <= passage.end
            at = sentence.end
            said = text[sentence.start : sentence.end]
            assert said == said.strip()
            assert any(map(str.isalnum, said))
            assert not {mark.kind for mark in marks_within(found, sentence.start, sentence.end)} & NEVER_QUOTED
            assert "\x00" not in said
            assert "\u202e" not in said


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Smith met Dr. J. R. R. Tolkien in the U.S. in 1990.", "He paid $3.50 (see No. 5, Fig. 3)."],
        ["Wait...", "What?", "No!", '"Really?" she said.', 'He said "Go."', "She went."],
        ["They came at 5 p.m. on a Monday.", "Smith et al. found it, e.g. in Rome.", "It is so."],
        ["Trinity-St. Paul's stands in St. Louis.", "It was plan B.", "We went on."],
        ["He moved to Washington, D.C.", "He worked at Acme Inc.", "It grew to 1.5 million."],
        ["It is one\nsentence over lines.", "Here is\r\nanother one."],
        ["The first clause is long enough to be read alone;", "As a result, the second clause is one too."],
        ["Among them were John Smith, a cooper of the town; Jane Doe, who made the ride; and Will Roe."],
        ["See example.com and file.txt.", "Version 1.2.3 is out."],
    ],
)  # fmt: skip
def test_text_is_parted_where_a_reader_parts_it(sentences: list[str]) -> None:
    """Abbreviations, initials, decimals, quotations and names do not end a sentence; stops do."""
    assert quotable(" ".join(sentences)) == sentences


def test_chinese_sentences_end_without_space() -> None:
    """Full-width stops end a sentence, and a closing quotation mark belongs to it."""
    text = "今天很好。明天呢？是的！“好。”他说。"
    assert quotable(text) == ["今天很好。", "明天呢？", "是的！", "“好。”", "他说。"]


def test_each_list_item_is_its_own_sentence_without_its_marker() -> None:
    """An item is quoted by itself, not with its bullet or number."""
    assert quotable("We need these:\n- a map\n- a boat. And oars\n\n1. Go.\n2. Come back.") == [
        "We need these:", "a map", "a boat.", "And oars", "Go.", "Come back.",
    ]  # fmt: skip


def test_editors_notes_are_not_quoted() -> None:
    """Reference marks around a sentence are no part of it; brackets of the author are."""
    text = "He came.[1] He saw. [citation needed] [He] won.[2][b]"
    assert quotable(text) == ["He came.", "He saw.", "[He] won."]


def test_noise_cuts_a_sentence_but_damage_does_not() -> None:
    """A sentence ends before a hash and begins after it; mojibake stays in the sentence around it."""
    text = f"{HASH}Obviously, this goes on{HASH}, and on. The\u0107 \u013c\u00bc\u0152one stays."
    assert quotable(text) == ["Obviously, this goes on", "and on.", "The\u0107 \u013c\u00bc\u0152one stays."]


def test_a_long_sentence_is_cut_at_its_clauses() -> None:
    """Over 1,200 characters a sentence is cut where a clause ends, and nothing of it is lost."""
    text = "; ".join(f"clause {n} says something of the land and of its rivers" for n in range(30)) + "."
    found = quotable(text)
    assert len(found) > 1
    assert all(40 <= len(said) <= 600 and said.endswith((";", ".")) for said in found)
    assert " ".join(found) == text


@pytest.mark.parametrize("text", ["word " * 2000, "x" * 9000, "a, " * 3000])
def test_text_without_sentences_is_still_cut(text: str) -> None:
    """What has no sentence ends is quoted in pieces of at most 1,200 characters."""
    assert max(map(len, quotable(text))) <= 1200


def test_a_long_paragraph_is_parted_evenly_and_keeps_its_number() -> None:
    """Over 1,200 characters a paragraph becomes passages of about the same size with one number."""
    text = f"First one.\n\n{' '.join([PROSE] * 30)}\n\nLast one."
    found = passages(text)
    assert [passage.number for passage in found] == [1, 2, 2, 2, 3]
    sizes = [passage.end - passage.start for passage in found[1:4]]
    assert max(sizes) - min(sizes) <= len(PROSE) + 1
    assert max(sizes) <= 1200


def test_each_long_line_is_a_paragraph_when_nothing_else_parts_them() -> None:
    """Long lines without blank lines between them are paragraphs; wrapped lines are one."""
    line = f"{PROSE} {PROSE}"
    assert [p.number for p in passages(f"{line}\n{line}\n{line}")] == [1, 2, 3]
    assert [p.number for p in passages("A line that is wrapped\nat its end and goes on\nto the stop.")] == [1]


def test_a_passage_knows_the_heading_above_it() -> None:
    """The heading is the last one before the passage, without its noise; "" before the first."""
    text = f"{PROSE}\n\nThe rivers\n\n{PROSE}\n\n{PROSE}\n\n{HASH}The borders\n\n{PROSE}"
    assert [passage.heading for passage in passages(text)] == ["", "The rivers", "The rivers", "The borders"]


SNIPPETS = [
    "we could only see how it would change our social interaction",
    "are no longer just social, but pervasive in every industry",
    "is not an existence that regards traffic as the ultimate pursuit like the Internet",
    "our industrial form is virtual and real separated",
    "the virtual and real opposition and the separation of the virtual and real, is undoubtedly the most accurate",
    "the leading technology in the true sense of the meta-universe should be blockchain technology",
    "we usually associate technologies like big data, cloud computing, Internet of Things, "
    "blockchain, artificial intelligence and virtual reality",
    "should be a combination of virtual and real existence",
    "the metasemes are just a hodgepodge, a laundry list",
    "we usually associate technologies like big data",
    "the current development is hot, is manic",
    "we need to be wary of the development of the metasurverse falling into internet-like conventions",
    "We need to be wary of the metasverse becoming synonymous with the Internet",
    "concepts related to virtual assets, digital assets, digital people",
    "Whoever can make innovations and achievements in blockchain technology will be able to "
    "take the lead in development",
]


def test_what_answers_on_the_essay_is_each_in_one_sentence() -> None:
    """Every phrase that answers a question lies in exactly one sentence, and the noise in none."""
    essay = read_sources([ESSAY])[0][0]
    found = quotable(essay.text)
    assert [snippet for snippet in SNIPPETS if sum(snippet in said for said in found) != 1] == []
    for noise in ("bd94eafa", "3a163945", "Scroll to Top"):
        assert not any(noise in said for said in found)
    assert len({passage.number for passage in split(essay, marks(essay))}) == 19


def test_search_text_is_clean() -> None:
    """What is indexed holds no noise, single spaces and canonical words; repaired letters join their word."""
    text = f"{HASH}The\u013c\u00bc\u0152  Meta-universe\n\u200bgr\u200bows, a caf\u00c3\u00a9\x00here."
    aliases = read_aliases(ROOT / "prompts" / "aliases.yaml")
    assert search_text(text, marks(document(text)), aliases) == "The metaverse grows, a café here."


@given(noisy_text)
def test_search_text_has_no_noise_whatever_the_text(text: str) -> None:
    """White space is folded and no control character is indexed."""
    said = search_text(text, marks(document(text)))
    assert said == " ".join(said.split())
    assert "\x00" not in said
    assert HASH not in said


def test_ten_thousand_passages_are_split_in_seconds() -> None:
    """A library of 10,000 passages is marked and split within a few seconds."""
    paragraph = " ".join([PROSE] * 8)
    source = document("\n\n".join([paragraph] * 10_000))
    start = time.perf_counter()
    found = split(source, marks(source))
    assert len(found) == 10_000
    assert time.perf_counter() - start < 20
