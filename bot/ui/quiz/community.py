"""Layouts about the quizzes of a server: the leaderboard, complaints about items, items that work badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import QuizError
from bot.quiz.items import Bank, Dispute
from bot.quiz.mastery import Rank
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, first_fitting, framed, notice, text_item
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton, ShownButton
from prompts import words

if TYPE_CHECKING:
    from bot.learning.moderation import BadItem
    from bot.ui.client import TutorClient

_MAX_QUESTION = 150
_MAX_COMPLAINT = 200
_MAX_OPTION = 60
_MOST_COMPLAINTS = 3
_MAX_BLOCKS_TEXT = MAX_TEXT - 400


def leaderboard_view(ranks: Sequence[Rank], days: int) -> discord.ui.LayoutView:
    """Lay out the ranks of a server, best first, with buttons to join and to leave the leaderboard."""
    lines = [words("quiz.leaderboard.head", days=days)]
    for place, rank in enumerate(ranks, 1):
        points = round(rank.points, 1)
        lines.append(
            words("quiz.leaderboard.place", place=place, person=rank.person, points=points, answers=rank.answers)
        )
    if not ranks:
        lines.append(words("quiz.leaderboard.nobody"))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(
        *(ShownButton(_board_button(act)) for act in ("join", "leave"))
    )
    return framed(Accent.FRIENDLY, text_item(*lines), row)


class BoardButton(PersistentButton, template=r"board:v1:(?P<act>join|leave)"):
    """Adds the person to the leaderboard, or removes them."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(_board_button(act))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        if interaction.guild_id is None:
            raise QuizError("only_in_server")
        board = interaction.client.services.leaderboard
        change = board.join if self.act == "join" else board.leave
        await change(interaction.guild_id, interaction.user.id)
        return leaderboard_view(await board.ranks(interaction.guild_id), board.days)


def disputes_view(disputes: Sequence[Dispute], bank: Bank) -> discord.ui.LayoutView:
    """Lay out complaints by item, the item with the most first."""
    by_item: dict[str, list[Dispute]] = {}
    for dispute in disputes:
        by_item.setdefault(dispute.item, []).append(dispute)
    blocks = []
    for item, made in sorted(by_item.items(), key=lambda pair: -len(pair[1])):
        known = bank.by_id.get(item)
        complaints = [text.inline(each.complaint, _MAX_COMPLAINT) for each in made[:_MOST_COMPLAINTS]]
        question = text.inline(known.question, _MAX_QUESTION) if known is not None else ""
        name = text.inline(item)
        blocks.append(words("quiz.disputes.one", item=name, count=len(made), question=question, complaints=complaints))
    return _listed(words("quiz.disputes.head"), blocks, words("quiz.disputes.none"), words("quiz.disputes.how"))


def item_blocks(found: Sequence[BadItem]) -> list[str]:
    """Return a text on each item that works badly, with the reasons and proposals: as many as fit into one message."""
    blocks = [
        words(
            "quiz.items.one",
            item=text.inline(bad.item.id),
            question=text.inline(bad.item.question, _MAX_QUESTION),
            answers=bad.record.n,
            difficulty=bad.record.difficulty,
            discrimination=bad.record.discrimination,
            shares=_shares(bad),
            reasons=[words(f"quiz.items.reason.{reason}") for reason in bad.judgement.reasons],
            proposals=dict.fromkeys(words(f"quiz.items.proposal.{reason}") for reason in bad.judgement.reasons),
        )
        for bad in found
    ]
    return first_fitting(blocks, _MAX_BLOCKS_TEXT)


def _shares(bad: BadItem) -> list[tuple[str, float]]:
    """Return each option with the share of people who picked it, the right one first."""
    if not bad.item.options:
        return []
    shares = dict(enumerate(bad.record.shares))
    order = sorted(range(len(bad.item.options)), key=lambda option: option != bad.item.key)
    return [(text.inline(bad.item.options[option], _MAX_OPTION), shares.get(option, 0.0)) for option in order]


def _listed(head: str, blocks: Sequence[str], none: str, how: str) -> discord.ui.LayoutView:
    if not blocks:
        return notice(f"{head}\n{none}")
    return framed(Accent.FRIENDLY, text_item(head, *first_fitting(blocks, _MAX_BLOCKS_TEXT)), text_item(how))


def _board_button(act: str) -> discord.ui.Button[Any]:
    style = discord.ButtonStyle.primary if act == "join" else discord.ButtonStyle.secondary
    return discord.ui.Button(label=words(f"quiz.button.{act}"), custom_id=f"board:v1:{act}", style=style)
