"""Files of many kinds with what a careful reader makes of each: made on the spot, of text written for this corpus.

An expectation is a list of lines in reading order: "# " before a heading, "| " before a row of a table, any other line
is what is to be one quote, with white space folded. What is not in it, such as menus, is to be left out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A file and what is to be read of it; a file without expectation is to be refused."""

    name: str
    data: bytes
    wanted: str = ""
