"""What is known of a model by its name and its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.models.registry import DEFAULT_MODEL, languages_of


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        (DEFAULT_MODEL, {"en"}),
        ("someone/small-english-model", {"en"}),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", set()),
    ],
)
def test_without_a_card_the_name_tells_the_languages(name: str, languages: set[str]) -> None:
    """A model reads English unless its name says that it reads any language."""
    assert languages_of(name) == languages


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: de\n---\n# A model", {"de"}),
        ("---\nlanguage:\n- ru\n- en\n---\n", {"ru", "en"}),
        ("---\nlanguage:\n- multilingual\n- en\n---\n", set()),
        ("---\ntags: [x]\n---\n", {"en"}),
        ("---\n: [\n---\n", {"en"}),
        ("no front matter", {"en"}),
    ],
)
def test_the_card_of_a_model_tells_its_languages(tmp_path: Path, card: str, languages: set[str]) -> None:
    """The front matter counts; a card without it or with a broken one tells nothing."""
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    assert languages_of(str(tmp_path)) == languages
