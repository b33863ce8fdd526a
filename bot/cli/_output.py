"""Writes results so that no encoding of a terminal or pipe can stop them."""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from typing import Any


def speak_utf8() -> None:
    """Write UTF-8 wherever the output goes: quotes are full of signs that older encodings stumble over."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(value: Any, indent: int | None = None) -> None:
    """Print one JSON text and pass it on at once."""
    text = json.dumps(value, ensure_ascii=False, default=str, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only JSON's own escapes can name
        text = json.dumps(value, default=str, indent=indent)
    print(text, flush=True)
