"""The model is loaded once and for good."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.errors import ModelError
from index.models import backend
from tests.index.fakes import FakeEncoder


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_loaded_is_never_looked_through(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """No cycles are looked for while the model loads, nor among what it left; of all that comes later they are."""
    made: list[Any] = []

    def load(*given: Any, **options: Any) -> FakeEncoder:
        made.append([gc.isenabled()])
        if fails:
            raise ModelError("No such model.")
        return FakeEncoder()

    monkeypatch.setattr(backend, "load", load)
    try:
        if fails:
            with pytest.raises(ModelError):
                load_encoder(Settings(_env_file=None))
        else:
            load_encoder(Settings(_env_file=None))
        assert made == [[False]]
        assert gc.isenabled()
        assert not any(each is made for each in gc.get_objects())
        later: list[Any] = []
        assert any(each is later for each in gc.get_objects())
    finally:
        gc.unfreeze()


def test_the_settings_choose(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Model, data folder and what it runs on come from the settings."""
    asked: list[Any] = []
    monkeypatch.setattr(backend, "load", lambda *given, **options: asked.append(given))
    monkeypatch.setenv("TUTOR_BACKEND", " OpenVINO ")
    load_encoder(Settings(_env_file=None, data=tmp_path, model="somewhere"))
    gc.unfreeze()
    assert asked == [("somewhere", tmp_path, "openvino")]
