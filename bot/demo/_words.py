"""The texts of the demo, from `prompts/demo.yaml`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from prompts import read_data


class Person(BaseModel):
    """A person of the demo; `manages` gives the permission Manage Server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    colour: str
    manages: bool = False


class DemoWords(BaseModel):
    """`prompts/demo.yaml`; `page` maps texts of the simulated page to their replacements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str
    channel: str
    topic: str
    bot: str
    people: tuple[Person, ...]
    bot_colour: str
    role: str
    private: str
    welcome: str
    announce: str
    busy: str
    page: Mapping[str, str]


def read_words() -> DemoWords:
    """Read and validate `prompts/demo.yaml`."""
    return DemoWords.model_validate(read_data("demo.yaml"))
