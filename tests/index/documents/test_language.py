"""The language of documents and questions."""

from __future__ import annotations

import socket

import pytest

from index.documents import language
from index.documents.language import language_of


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("What is the metaverse?", "en"),
        ("hwat is teh metavers", "en"),
        ("¿Qué es el metaverso?", "es"),
        ("wer hat das geschrieben?", "de"),
        ("fais un résumé", "fr"),
        ("元宇宙是什么", "zh"),
        ("ما هو الميتافيرس", "ar"),
        ("что такое\nметавселенная", "ru"),
        ("AUSTPAC", ""),
        ("quiz me", ""),
        ("42 ?!", ""),
        ("", ""),
        ("\ud800 lone", ""),
    ],
)
def test_a_language_is_told_only_where_it_is_clear(text: str, told: str) -> None:
    """Short and misspelt questions are told; a name, a word or two, numbers and nothing are not."""
    assert language_of(text) == told


def test_telling_a_language_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is a file of the package."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    language._model.cache_clear()
    assert language_of("Das Haus ist alt.") == "de"
