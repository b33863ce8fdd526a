"""Makes files that no honest program writes: hostile text and markup, odd encodings, sound files cut and altered."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from functools import cache

from tests.hostile.texts import PIECES, QUESTIONS, hostile_text, mutated
from tests.index.fakes import CLAY, SEA
from tests.index.files import endless_pdf, locked_pdf, pdf, pdf_bomb, rezipped, word, zipped

_ENCODINGS = (
    "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp437",
    "koi8_r", "shift_jis", "gb18030", "cp037",
)  # fmt: skip
_SURE = b"\nThe tide turns twice a day in this harbour."
_MARKDOWN = (
    "# ", "###### ", "\n===\n", "\n---\n", "    code\n", "```\n", "~~~\n", "> ", ">" * 300, "- ", "  - " * 40, "1. ",
    "| a | b |\n|---|---|\n| c | d |\n", "[x]: http://y 'z'\n", "![a](b)", "<div>", "</div>", "<!--", "-->", "&#0;",
    "&nbsp;",
    "[" * 300, "*" * 300, "_a" * 200, "`" * 301, "\\\n", "  \n", "[^1]: note\n", "***bold***", "<http://a>",
    "$$x$$", "---\n",
)  # fmt: skip
_HTML = (
    "<p>", "</p>", "<b>", "<div>", "<table><tr><td>", "</table>", "<ul><li>", "<h1>", "</h1>", "<pre>", "<script>",
    "</script>",
    "<style>", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE html>", "<!ENTITY a 'b'>", "&a;", "&#x110000;",
    "&#xD800;", "&#0;",
    "<br/>", "<a href='javascript:x'>", "<img src=x onerror=y>", "<svg><title>", "<math>", "<template>",
    "<frameset>", "<body>",
    "<meta charset=utf-16>", "<meta charset=idna>", "<meta charset=undefined>", "<meta charset=punycode>",
    "<meta charset=hex>",
    "<meta charset=rot13>", "<base href=x>", "<plaintext>", "<textarea>", "<x:y z:w='v'>", "<article>",
    "</article>", "<main>",
    "<title>", "</title>", "<p " + "a=b " * 200 + ">", "<span>" * 100, "<div>" * 300,
)  # fmt: skip
_NEARLY_FURNITURE = (
    "home", ">", "/", "|", " ", "        ", "a", "1", "12", "1712", "next", "prev", "first", "...", "\u2026",
    "\u00bb", ",",
    "copyright", "(c)", "\u00a9", "2020", "all rights reserved", "share on", "terms", "&", "tags:", "page", "of",
    "posted in",
    "read more", "Chapter", "IV", "PART", "2.", ";", "[1]", "[note 1]", "[citation needed]", ":12", ")", "\u201d",
    "St.",
    "e.g.", "while ", "between", "\t", "-", "'s",
)  # fmt: skip
_NAMES = (
    "a.txt", "a.md", "a.html", "A.TXT", "a", "..txt", " .txt", "a\u202etxt.md", "a\nb.txt", "@everyone.txt", "`a`.md",
    "<@1>.html", "a" * 200 + ".txt", "\udcff.txt", "con.txt", "a.txt.exe.txt", "%s.txt", "{0}.txt", "e\u0301.txt",
    "-rf.txt",
    "[x](http:).md", "\x1b[31m.txt",
)  # fmt: skip
_MEMBERS = (
    "../a.txt", "/etc/a.txt", "..\\a.txt", "C:a.txt", "a/../../b.txt", "a//b.txt", "./a.txt", ".hidden.txt",
    "a.zip", "",
    "__MACOSX/a.txt", "a\x00b.txt", "\x00a.txt", "con.txt", "a/b/c/d.txt", "\u202e.txt", "~/.ssh/a.txt", "a.txt",
    "A.txt", "a.txt/", "..",
)  # fmt: skip
Made = tuple[str, bytes]


def hostile_file(rng: random.Random) -> Made:
    """Give the name and the bytes of one file whose kind is read without another program's parser."""
    name, data = rng.choice((_plain, _plain, _plain, _markdown, _markdown, _html))(rng)
    return name if rng.random() < 0.8 else rng.choice(_NAMES), data


def hostile_package(rng: random.Random) -> Made:
    """Give one PDF, Word file or archive that is broken in some places, or made by somebody who means it."""
    return rng.choice((_broken, _broken, _broken, _archive, _packed, _pdf, _word))(rng)


def bombs() -> list[Made]:
    """Give files that are small and want minutes or gigabytes."""
    nested = b"<w:p>" * 20_000
    return [
        ("a.pdf", pdf_bomb()),
        ("b.pdf", endless_pdf()),
        ("c.zip", zipped({"a.txt": b"a " * 40_000_000})),
        ("d.zip", zipped({f"{number}.txt": b"" for number in range(6_000)})),
        ("e.html", b"<div>" * 400_000 + _SURE),
        ("f.md", b">" * 100_000 + _SURE),
        ("g.md", b"[" * 60_000 + _SURE),
        ("h.html", b"<table><tr><td>" * 20_000 + _SURE),
        ("i.docx", rezipped(word(CLAY), {"word/document.xml": _laughs()})),
        ("j.docx", rezipped(word(CLAY), {"word/document.xml": nested})),
        ("k.txt", b"a" * 5_000_000 + _SURE),
        ("l.txt", "e\u0301".encode() * 500_000 + _SURE),
        ("m.txt", (" \n" * 500_000).encode() + _SURE),
        ("n.md", b"*a " * 100_000 + _SURE),
        ("o.docx", rezipped(word(CLAY), {"word/styles.xml": zlib.compress(b"a") * 1000})),
    ]  # fmt: skip


def _laughs() -> bytes:
    """Write a Word file's body of entities that hold ten of one another each."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "<w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body>"
    start = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
    return f'{start}<w:document xmlns:w="{space}">{body}</w:document>'.encode()


def _prose(rng: random.Random) -> str:
    """Write some paragraphs, most of them sentences with something hostile in them."""
    parts = []
    for _ in range(rng.randint(1, 6)):
        match rng.randrange(6):
            case 0:
                parts.append(hostile_text(rng, 1500))
            case 5:
                parts.append("\n".join(_line(rng) for _ in range(rng.randint(1, 4))))
            case 1:
                parts.append(mutated(rng, rng.choice((CLAY, SEA))))
            case 2:
                parts.append(rng.choice(PIECES) + rng.choice((CLAY, SEA)) + rng.choice(PIECES))
            case 3:
                parts.append(" ".join(f"It is {rng.choice(PIECES)} that counts." for _ in range(rng.randint(1, 9))))
            case _:
                parts.append(rng.choice(QUESTIONS) + " " + "0123456789abcdef" * rng.randint(1, 9))
    return rng.choice(("\n\n", "\n\n", "\n", "\r\n\r\n", "\r", "\u2029", "\f", " ")).join(parts)


def _line(rng: random.Random) -> str:
    """Write a line that nearly is what pages have around their text: a few words of it again and again."""
    again = "".join(rng.choice(_NEARLY_FURNITURE) + rng.choice(("", " ")) for _ in range(rng.randint(1, 4)))
    start, end = rng.choice(_NEARLY_FURNITURE), rng.choice(("", "?", "|", "a", ".", "\x00"))
    return start + (again * 160)[: rng.choice((20, 100, 150, 158, 600))] + end


def _bytes(rng: random.Random, text: str) -> bytes:
    data = text.encode(rng.choice(_ENCODINGS), rng.choice(("replace", "ignore", "xmlcharrefreplace")))
    match rng.randrange(12):
        case 0:
            return altered(rng, data)
        case 1:
            return (
                rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")) + data
            )
        case 2:
            return data[: rng.randrange(len(data) + 1)]
        case _:
            return data


def _plain(rng: random.Random) -> Made:
    return "a.txt", _bytes(rng, _prose(rng))


def _markdown(rng: random.Random) -> Made:
    return "a.md", _bytes(rng, _between(rng, _MARKDOWN))


def _html(rng: random.Random) -> Made:
    return "a.html", _bytes(rng, "<html>" + _between(rng, _HTML))


def _between(rng: random.Random, marks: tuple[str, ...]) -> str:
    parts = []
    for _ in range(rng.randint(1, 12)):
        parts += [rng.choice(marks) * rng.choice((1, 1, 1, 2, 9)), rng.choice(("", _prose(rng)[:400]))]
    return "".join(parts)


@cache
def sound() -> tuple[Made, ...]:
    """Give small files that are as they should be."""
    paragraphs = CLAY.split("\n\n")
    lines = [line for paragraph in paragraphs for line in (paragraph[:70], paragraph[70:140], "")]
    made = word("# A title", *paragraphs, "## A heading", *SEA.split("\n\n"))
    return (
        ("a.pdf", pdf(lines, lines[::-1])),
        ("b.pdf", locked_pdf(pdf(lines), "")),
        ("a.docx", made),
        ("a.zip", zipped({"a.txt": CLAY, "b/c.md": f"# T\n\n{SEA}", "d.html": f"<p>{SEA}</p>", "e.docx": made})),
    )


def altered(rng: random.Random, data: bytes) -> bytes:
    """Change some bytes, or cut, double or drop a stretch of them."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        if not changed:
            break
        at = rng.randrange(len(changed))
        match rng.randrange(6):
            case 0:
                del changed[at:]
            case 1:
                del changed[at : at + rng.randint(1, 40)]
            case 2:
                changed[at:at] = changed[at : at + rng.randint(1, 200)]
            case 3:
                changed[at : at + 4] = struct.pack("<I", rng.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1)))
            case _:
                changed[at] = rng.randrange(256)
    return bytes(changed)


def _broken(rng: random.Random) -> Made:
    name, data = rng.choice(sound())
    return rng.choice((name, name, name, "a.txt", "a.md", "a.html", "a.pdf")), altered(rng, data)


def _archive(rng: random.Random) -> Made:
    """Pack hostile files under hostile names, some of them other packages."""
    members: dict[str, bytes | str] = {}
    for _ in range(rng.randint(1, 5)):
        name, data = hostile_file(rng) if rng.random() < 0.8 else _broken(rng)
        safe = name.encode("utf-8", "replace").decode()
        members[rng.choice((*_MEMBERS, safe, f"folder/{safe}"))] = data
    packed = zipped({name if name.partition("\x00")[0] else "x": data for name, data in members.items()})
    if rng.random() < 0.1:  # a name of nothing but zero bytes, which is none
        packed = packed.replace(b"con.txt", bytes(7))
    return "a.zip", packed if rng.random() < 0.7 else altered(rng, packed)


def _packed(rng: random.Random) -> Made:
    """Exchange the members of a sound package, by which its inner parts are broken and its outer ones are not."""
    name, data = sound()[2]
    members = zipfile.ZipFile(io.BytesIO(data))
    part = rng.choice([*members.namelist(), "word/media/a.png", "word/vbaProject.bin", "mimetype"])
    inner = members.read(part) if part in members.namelist() else b"x"
    return name, rezipped(data, {part: altered(rng, inner)})


def _pdf(rng: random.Random) -> Made:
    lines = [line.encode("cp1252", "ignore").decode("cp1252") for line in _prose(rng).split("\n")]
    return "a.pdf", pdf([line[:90] for line in lines], [rng.choice(PIECES).encode("cp1252", "ignore").decode("cp1252")])


def _word(rng: random.Random) -> Made:
    """Write a Word file of whatever XML can hold."""
    said = "".join(sign for sign in _prose(rng) if sign in "\n\t" or (sign >= " " and not "\ud800" <= sign <= "\udfff"))
    return "a.docx", word(*said.replace("\ufffe", "").replace("\uffff", "").split("\n"))
