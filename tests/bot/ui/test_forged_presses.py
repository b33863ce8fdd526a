"""Nobody reaches what is another server's or person's, whatever id of a button or form they forge."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.answering.engine import AnsweringEngine
from bot.exts.library._documents import UploadForm
from bot.ui.persistent import ABSTRACT, PersistentButton, PersistentForm
from tests.hostile.forged import forge_all
from tests.hostile.forged_records import Forgery

if TYPE_CHECKING:
    from pathlib import Path

    from bot.libraries.opening import Library
    from bot.settings import Settings


@pytest.mark.asyncio
@pytest.mark.model
async def test_a_forged_id_changes_nothing_and_shows_nothing(
    set_stage: Callable[..., Any], essay: tuple[Settings, Library], tmp_path: Path
) -> None:
    """From another server, person or channel, of another version or nonsense: nothing happens, and a sentence says so.

    Every registered class has a recipe, and its id does something when its owner uses it.
    """
    shutil.copytree(essay[0].data, tmp_path, dirs_exist_ok=True)
    settings = essay[0].model_copy(update={"data": tmp_path, "actions_per_minute": 10**6, "keep_generations": 20})
    stage = await set_stage(lambda: AnsweringEngine(settings, load=lambda: essay[1]), settings)
    outcome = await forge_all(stage.env, stage.bot, essay[1])
    assert outcome.missing == []
    assert outcome.faults == []
    assert outcome.mute == []
    assert outcome.dead == []
    assert all(outcome.tried[forgery] for forgery in Forgery)


def test_every_form_is_found_by_its_custom_id() -> None:
    """A form is restored and checked like a button; the upload form alone lives in memory, under a random id.

    What it is given is judged by `maintained_server` when it arrives, in the server from which it comes.
    """
    modals = {kind for kind in _below(discord.ui.Modal) if kind.__module__.startswith("bot.")}
    # By name: discord.py imports an extension's modules anew for each bot.
    assert {kind.__name__ for kind in modals if not issubclass(kind, PersistentForm)} == {UploadForm.__name__}
    plain = (discord.ui.View, discord.ui.Button, discord.ui.Select)
    assert [kind for base in plain for kind in _below(base) if kind.__module__.startswith("bot.")] == []


def _below(kind: Any) -> set[Any]:
    return {each for below in kind.__subclasses__() for each in (below, *_below(below))}


@pytest.mark.parametrize("base", [PersistentButton, PersistentForm])
def test_a_class_that_does_not_say_whose_its_record_is_cannot_be_defined(base: Any) -> None:
    """A class with a template and without `owner` raises; one that only others are made of may leave it to them."""

    class Unfinished(base, template=ABSTRACT):  # type: ignore[call-arg]
        pass

    with pytest.raises(TypeError, match="define `owner`"):
        type("Forgetful", (Unfinished,), {}, template="forgetful:v1:")
