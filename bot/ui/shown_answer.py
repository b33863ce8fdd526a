"""Reads an answer of the bot back from its message: its texts, its quotes and its question, also after a restart."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.ui.answer import asked_in, question_in
from bot.ui.limits import walk
from bot.ui.quote_buttons import VerifyButton
from bot.ui.reading import Question, read


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """The texts of an answer, and the button that has the places of its quotes."""

    message: discord.Message
    texts: tuple[str, ...]
    verify: VerifyButton

    @classmethod
    def of(cls, message: discord.Message) -> ShownAnswer | None:
        """Read a message of the bot; None when it is no answer with quotes."""
        components = [part for component in message.components for part in walk(component.to_dict())]
        verify = next(filter(None, map(VerifyButton.in_message, components)), None)
        if verify is None:
            return None
        text = discord.ComponentType.text_display.value
        return cls(message, tuple(str(each["content"]) for each in components if each.get("type") == text), verify)

    async def question(self) -> str | None:
        """Return the question that was answered: as the answer shows it, or from the message that it replies to."""
        return question_in(self.texts) or await self._asked()

    async def written(self) -> str | None:
        """Return the question as the person wrote it, where the answer or the message that it replies to has it."""
        return asked_in(self.texts) or await self._asked()

    async def _asked(self) -> str | None:
        reference = self.message.reference
        if reference is None or reference.message_id is None:
            return None
        try:
            asked = reference.resolved
            if not isinstance(asked, discord.Message):
                asked = await self.message.channel.fetch_message(reference.message_id)
        except discord.HTTPException:
            return None
        parsed = read(asked.content)
        return parsed.text if isinstance(parsed, Question) and parsed.cut_at is None else None
