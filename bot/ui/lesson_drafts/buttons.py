"""The buttons and menus under a planned lesson; for people who may change the server's library.

Custom ids outlive the code that made them: a change of their contents needs a new version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import OutdatedButton
from bot.learning.lesson_drafts import PlanReview
from bot.quiz.lesson_edit import PlanChange
from bot.ui.lesson_drafts.views import CHAPTER_PATTERN, PLAN_PATTERN, plan_button, plan_view
from bot.ui.notice import notice
from bot.ui.owner import KEYED, Owner
from bot.ui.permissions import maintained_server
from bot.ui.persistent import PersistentButton, PersistentSelect
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class PlanButton(PersistentButton, template=r"plan:v1:(?P<act>approve|again|back|delete):" + PLAN_PATTERN):
    """Approves a plan, makes it anew, deletes it, or shows its chapters again."""

    def __init__(self, act: str, lesson: str, version: str) -> None:
        self.act, self.lesson, self.version = act, lesson, version
        super().__init__(plan_button(act, lesson, version))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        server, drafts = await maintained_server(interaction), interaction.client.services.lesson_drafts
        match self.act:
            case "approve":
                return _view(await drafts.approve(server, self.lesson, self.version, interaction.user.id))
            case "again":
                return _view(await drafts.again(server, self.lesson, self.version))
            case "delete":
                gone = await drafts.delete(server, self.lesson)
                return notice(words("library.lesson.deleted" if gone else "library.lesson.gone"))
        return _view(await drafts.look(server, self.lesson))


class ChapterMenu(PersistentSelect, template=r"plan:v1:chapter:(?P<act>open|up|drop):" + PLAN_PATTERN):
    """Shows the chosen chapter, moves it up, or drops it."""

    def __init__(self, act: str, lesson: str, version: str) -> None:
        self.act, self.lesson, self.version = act, lesson, version
        super().__init__(discord.ui.Select(custom_id=f"plan:v1:chapter:{act}:{lesson}:{version}"))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        server, drafts = await maintained_server(interaction), interaction.client.services.lesson_drafts
        chapter = self.chosen(interaction)
        if self.act == "open":
            return _view(await drafts.look(server, self.lesson, chapter))
        change = PlanChange(self.act)
        return _view(await drafts.edit(server, self.lesson, self.version, change, chapter=chapter))


class PointMenu(PersistentSelect, template=r"plan:v1:point:(?P<act>up|drop):" + CHAPTER_PATTERN):
    """Moves the chosen point up in its chapter, or drops it."""

    def __init__(self, act: str, lesson: str, version: str, chapter: str) -> None:
        self.act, self.lesson, self.version, self.chapter = act, lesson, version, chapter
        super().__init__(discord.ui.Select(custom_id=f"plan:v1:point:{act}:{lesson}:{version}:{chapter}"))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        server, drafts = await maintained_server(interaction), interaction.client.services.lesson_drafts
        point = self.chosen(interaction)
        if not point:
            raise OutdatedButton
        change = PlanChange(self.act)
        found = await drafts.edit(server, self.lesson, self.version, change, chapter=self.chapter, point=point)
        return _view(found)


def _view(review: PlanReview | None) -> discord.ui.LayoutView:
    return notice(words("library.lesson.gone")) if review is None else plan_view(review)
