"""Decodes text files of any common encoding and refuses binary files."""

from __future__ import annotations

import re
from collections import Counter

from index.errors import SourceError

# The longest marks first: a UTF-32 mark begins with a UTF-16 one.
_BYTE_ORDER_MARKS = (
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xff\xfe", "utf-16-le"),
)
_BINARY_STARTS = (
    b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"\x7fELF",
    b"SQLite format 3\x00", b"RIFF", b"OggS", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0", b"MZ\x90\x00",
    b"BZh9", b"\xfd7zXZ",     b"fLaC", b"{\\rtf",
)  # fmt: skip
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c\x1b") + b"\x7f"
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SAMPLE_BYTES = 200_000
UNKNOWN_AT_MOST = 0.2  # of the letters, those of which a font only tells the shape
UNKNOWN_LETTERS = "does not say which letters it shows; have its text recognised (OCR) and add that."
# What is written for a letter of a font without a character map: its glyph's name or number, a private character.
_UNKNOWN = re.compile("(?:/[A-Za-z]{1,3}[0-9]{1,5}(?=[/\\s]|\\Z)){3,}|\\(cid:[0-9]{1,5}\\)|[\ue000-\uf8ff\ufffd]+")
# With more candidates short texts are taken for exotic code pages.
_CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip


def decode(data: bytes, name: str) -> str:
    r"""Decode a text file without its byte order mark; raise SourceError for a binary file.

    b"Gr\xc3\xb6\xc3\x9fe" (UTF-8), b"Gr\xf6\xdfe" (Windows-1252), UTF-16 with or without a mark -> "Größe"
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            if "\ufffd" in text and encoding == "utf-8":
                text = _legacy(data[len(mark) :])
            return refuse_binary(text, name)
    if data.startswith(_BINARY_STARTS):
        raise _binary(name)
    if wide := _wide(data):
        return refuse_binary(wide, name)
    if len(data.translate(None, _CONTROL_BYTES)) < len(data) * 0.96 - 3:
        raise _binary(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _legacy(data)
    return refuse_binary(text, name)


def _binary(name: str) -> SourceError:
    return SourceError(f"{name} is not a text file; save it as plain text, Markdown or HTML and add that.")


def without_surrogates(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded, by U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def unknown_share(text: str) -> float:
    """Return the share, 0 to 1, of the characters of a text that stand for letters of fonts without a character map.

    "/g3/g24/g25/g26" and "(cid:12)(cid:3)" -> 1, "Clay" -> 0
    """
    letters = len(text) - sum(map(str.isspace, text))
    return sum(len(found[0]) for found in _UNKNOWN.finditer(text)) / max(letters, 1)


def refuse_binary(text: str, name: str) -> str:
    """Return the text; raise SourceError when it has many control characters."""
    text = without_surrogates(text)
    if len(_CONTROLS.findall(text)) > len(text) * 0.04 + 3:
        raise _binary(name)
    return text


def _wide(data: bytes) -> str:
    """Decode UTF-16 without a byte order mark; "" when the bytes are something else."""
    if len(data) < 4 or len(data) % 2 or 0 not in data:
        return ""
    sample = data[:_SAMPLE_BYTES]
    for encoding in _likely_wide(sample):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readable = sum(c.isalnum() or c.isspace() or c.isprintable() for c in text[:5000])
        if "\x00" not in text and readable >= 0.98 * len(text[:5000]):
            return text
    return ""


def _likely_wide(sample: bytes) -> list[str]:
    """Return the byte orders, best first, for which most high bytes are of few blocks of Unicode, as in real text."""
    orders = []
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        commonest = sum(count for _, count in Counter(high).most_common(3))
        ideographs = sum(count for byte, count in Counter(high).items() if 0x4E <= byte <= 0x9F or 0xAC <= byte <= 0xD7)
        if commonest >= 0.8 * len(high) or commonest + ideographs >= 0.95 * len(high):
            orders.append((commonest, encoding))
    return [encoding for _, encoding in sorted(orders, reverse=True)]


def _legacy(data: bytes) -> str:
    """Decode bytes of an unknown code page: Windows-1252 if that looks like words, else the likeliest other."""
    from charset_normalizer import from_bytes  # slow to import, and hardly ever needed

    sample = data[:_SAMPLE_BYTES]
    if not _reads_western(sample.decode("cp1252", "replace")):
        best = from_bytes(sample, cp_isolation=_CODE_PAGES).best()
        try:
            return data.decode(best.encoding if best else "cp1252")
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", "replace")


_ODD_IN_WORD = re.compile(
    "\ufffd|[a-z][\u00a1-\u00a9\u00ab\u00ac\u00af\u00b1-\u00b6\u00b8\u00b9"
    "\u00bc-\u00bf\u00d7\u00f7\u0192\u02c6\u2020-\u2022\u2030]"
    "[^\\W\\d_]|[a-z\u00df-\u00ff][\u00c0-\u00de\u0152\u0160\u0178\u017d]"
)


def _reads_western(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    accented = sum(c > "\x7f" for c in letters)
    odd = len(_ODD_IN_WORD.findall(text))
    return accented <= 0.35 * len(letters) and odd <= 0.02 * accented
