"""Every word the bot says, read from the YAML files of this folder, so that words can change without code.

A file is a room (`ask.yaml` holds the keys that begin with `ask.`), a leaf is a Jinja2 template. A value
that a template needs and does not get is an error, never an empty place in a sentence.

Discord shows every line break, so text that is wrapped in a file is a folded scalar (`>-`), where a blank line makes
a break; `|-` is for lines that are short.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
import yaml

FOLDER = Path(__file__).parent
ROOMS = (
    "ask",
    "backup",
    "check",
    "conversation",
    "doctor",
    "errors",
    "health",
    "lesson",
    "library",
    "privacy",
    "progress",
    "quiz",
    "terminal",
)


class WordsError(Exception):
    """A key that no file holds, or a template that is not a template: a fault of the program."""


class Words:
    """The sentences by key; call it with a key and the values its template needs."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = dict(sources)
        self._templates: dict[str, jinja2.Template] = {}
        # Not HTML: what Discord would read as Markdown is escaped where it is shown (bot/ui/text.py).
        self._environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
        self._environment.filters["thousands"] = _thousands

    @classmethod
    def load(cls, folder: Path = FOLDER, rooms: tuple[str, ...] = ROOMS) -> Words:
        """Read the rooms of a folder; raise WordsError when a leaf is not a string."""
        sources: dict[str, str] = {}
        for room in rooms:
            content = yaml.safe_load((folder / f"{room}.yaml").read_text(encoding="utf-8"))
            sources.update(_leaves(room, content))
        return cls(sources)

    def __call__(self, key: str, /, **values: object) -> str:
        """Fill in a template; raises WordsError for an unknown key and jinja2.UndefinedError for a missing value."""
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = self._environment.from_string(self.source(key))
        return template.render(**values)

    def known(self) -> frozenset[str]:
        """Name every key there is."""
        return frozenset(self._sources)

    def needs(self, key: str) -> frozenset[str]:
        """Name the values that the template of this key cannot do without."""
        return frozenset(jinja2.meta.find_undeclared_variables(self._environment.parse(self.source(key))))

    def source(self, key: str) -> str:
        """Give the template of this key; raises WordsError for a key that no file holds."""
        try:
            return self._sources[key]
        except KeyError:
            raise WordsError(f"no words under {key!r}") from None


def read_data(name: str) -> Any:
    """Read a data file of this folder (phrases, not sentences)."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _thousands(number: int) -> str:
    return f"{number:,}"


def _leaves(prefix: str, node: object) -> Iterator[tuple[str, str]]:
    match node:
        case str():
            yield prefix, node.strip()
        case dict():
            for name, child in node.items():
                yield from _leaves(f"{prefix}.{name}", child)
        case _:
            raise WordsError(f"{prefix} holds {node!r}, which is not a string")


words = Words.load()
