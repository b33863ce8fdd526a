"""Says what a file is, by its bytes before its name, and why some are not read."""

from __future__ import annotations

import re
from enum import StrEnum

from index.errors import SourceError

READABLE = "use .txt, .md, .html, .pdf or .docx files, or a .zip of them"
SETTINGS = frozenset({".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".lock"})
_NOT_READ_NAMES = (
    ".png .jpg .jpeg .gif .webp .svg .ico .bmp .tif .tiff .mp3 .mp4 .wav .ogg .flac .mov .avi .mkv "
    ".webm .gz .bz2 .xz .7z .rar .tar .tgz .exe .dll .so .pyc .o .a .class .jar .bin .dat .db "
    ".sqlite .sqlite3 .npy .npz .pt .onnx .safetensors .xls .xlsx .ppt .pptx .odt "
    ".ods .odp .epub .mobi .woff .woff2 .ttf .otf .css .js"
)
_NOT_READ = frozenset(_NOT_READ_NAMES.split())
_MARKDOWN = frozenset({".md", ".markdown"})
_HTML = frozenset({".html", ".htm", ".xhtml"})
# Names that promise something else than text: a text under one of them is a web page where it begins like one.
_PROMISING = frozenset({".pdf", ".doc", ".docx", ".docm", ".dotx", ".zip"})
_PAGE_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html)\b", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_WORD = "WordDocument".encode("utf-16-le")
HEAD_BYTES = 1024


class Kind(StrEnum):
    """What the bytes of a file are; a package is any zip: an archive, or a file of an office program."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    PACKAGE = "package"
    OLE = "ole"


def why_not_read(suffix: str) -> str:
    """Say why files whose name ends so are never read; "" when they may be."""
    return f"files of type {suffix} are not read; {READABLE}" if suffix in _NOT_READ | SETTINGS else ""


def kind_of(head: bytes, suffix: str) -> Kind:
    """Tell a file's kind from its first HEAD_BYTES bytes and the end of its name in lower case."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.PACKAGE
    if head.startswith(_OLE):
        return Kind.OLE
    # Some writers put a line before the mark; in a text the mark may be quoted, but hardly at its very start.
    if head.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in head):
        return Kind.PDF
    if suffix in _HTML or (suffix in _PROMISING and _PAGE_START.match(head)):
        return Kind.HTML
    return Kind.MARKDOWN if suffix in _MARKDOWN else Kind.TEXT


def old_office(data: bytes, name: str) -> SourceError:
    """Say what a file in the old format of office programs is, and what to do with it."""
    if _ENCRYPTED in data:
        return SourceError(f"{name} is locked with a password; remove the password in Word and add that.")
    if _OLD_WORD in data:
        return SourceError(f"{name} is an old Word file; save it as .docx and add that.")
    return SourceError(f"{name} is a file of an old office program; save it as .docx or .pdf and add that.")
