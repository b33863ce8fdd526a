"""Tells code from prose by its shape, where the format does not name it; called by index.text.boilerplate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.lines import Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.text.lines import Line

_MOST_LINES = 0.6  # of the lines of a block, those that must look like code
_DRAWN = 0.5  # of the characters of a line, those that are signs: a drawing of lines and boxes

_KEYWORD = (
    r"(?:def|class|function|const|let|var|import|from|return|if|elif|else|for|while|fn|pub|use|mut|public|private|static"
    r"|void|int|char|float|struct|enum|impl|package|namespace|try|catch|except|raise|throw|switch|case|end|do|done|fi|then"
    r"|echo|export|sudo|cd|ls|mkdir|rm|cp|mv|cat|grep|curl|wget|apt|apt-get|yum|brew|pip|pip3|python|python3|npm|npx|yarn"
    r"|node|git|cargo|rustc|rustup|go|make|cmake|docker|kubectl|helm|ssh|scp|tar|chmod|chown|systemctl|SELECT|INSERT|UPDATE"
    r"|DELETE|CREATE|ALTER|DROP)\b"
)
_CODE_LINE = re.compile(
    r"\s*(?:"
    r"(?:\$|>>>|PS>|[A-Z]:\\\S*>) \S.*"  # a prompt
    rf"|{_KEYWORD}(?=.*[(){{}}\[\];=<>$\\|]|.* --?\w).*"
    r"|[\w.:>-]+!?\(.*\)\s*[;{,]?|.*[\w)\]\"'](?:\(\)|\s?\{)|.*[)\]}\"'];|[\[\](){}<>;,]+"  # calls, ends, brackets
    r"|[\w.\[\]\"'$-]+\s*(?::=|[-+*/|&]?=|=>|->)\s*\S.*"  # assignments
    r"|</?[A-Za-z][\w:-]*(?:\s[^<>]*)?/?>.*"  # tags
    r"|(?://|/\*|\*/|#!|#include|@\w+\(|--> |\d+ \|\s.*[(){};=]|\|\s(?:help|note):|= (?:note|help): ).*"
    r"|[\w.-]+:\s*[\[{|].*"  # keys
    r")\s*\Z"
)
_PROSE_LINE = re.compile(r"\s*[A-Z\"\u201c(][\w'\u2019,-]*(?:\s+[\w'\u2019\"\u201c\u201d(),-]+){3,}.*[.!?:,]?\s*\Z")
_SIGNS = re.compile(r"[-+|=_*/\\<>^#~]")
_DIAGRAM = re.compile(r"(?:[+*][-=]){6,}")  # the fields of a packet, as an RFC draws them


def looks_like_code(lines: Sequence[str]) -> bool:
    """Say whether the lines of a block are code, output of a program or a drawing of signs rather than prose.

    >>> looks_like_code(["fn main() {", '    println!("Hello, world!");', "}"]), looks_like_code(["Salt; keeps meat."])
    (True, False)
    """
    if any(_DIAGRAM.search(line) for line in lines):
        return True
    shaped = sum(_is_code(line) for line in lines)
    return shaped > 0 and shaped >= _MOST_LINES * len(lines)


def _is_code(line: str) -> bool:
    if _is_drawn(line):
        return True
    return _CODE_LINE.match(line[:400]) is not None and not _PROSE_LINE.match(line[:400])


def _is_drawn(line: str) -> bool:
    bare = "".join(line.split())
    return len(bare) >= 8 and len(_SIGNS.findall(bare)) > _DRAWN * len(bare)


def with_code(blocks: Sequence[Block], text: str, named: Sequence[tuple[int, int]]) -> list[Block]:
    """Make blocks of code of the lines in the ranges that the format names, or, without any, of what looks like code.

    A blank line in code does not part it, and neighbouring blocks that look like code are one.
    """
    if named:
        return list(_in_ranges(blocks, named))
    found: list[Block] = []
    for block in blocks:
        is_led_in = bool(found) and found[-1].lines[-1].bare.endswith("::") and _is_indented(block, text)
        if block.kind is None and (is_led_in or looks_like_code([text[line.start : line.end] for line in block.lines])):
            if found and found[-1].code:
                found[-1].lines.extend(block.lines)
                _mark(found[-1])
                continue
            _mark(block)
        found.append(block)
    return found


def _is_indented(block: Block, text: str) -> bool:
    """Whether all lines are indented, as reStructuredText shows what is verbatim."""
    return all(
        text[max(0, line.start - 2) : line.start].isspace() and "\n" not in text[line.start - 2 : line.start]
        for line in block.lines
    )


def _mark(block: Block) -> Block:
    """Make a block code; one without a letter or digit is none."""
    block.code = [(block.start, block.end)] if any(c.isalnum() for line in block.lines for c in line.bare) else []
    return block


def _in_ranges(blocks: Sequence[Block], ranges: Sequence[tuple[int, int]]) -> Iterator[Block]:
    at = 0
    code: Block | None = None
    for block in blocks:
        prose: list[Line] = []
        for line in block.lines:
            while at < len(ranges) and ranges[at][1] <= line.start:
                at += 1
                if code:
                    yield _mark(code)
                code = None
            if at == len(ranges) or line.start < ranges[at][0]:
                prose.append(line)
                continue
            if prose:
                yield Block(prose, block.kind)
                prose = []
            code = code or Block([])
            code.lines.append(line)
        if prose:
            yield Block(prose, block.kind)
    if code:
        yield _mark(code)
