"""The bot itself: what it connects with, what it loads, how it starts and stops."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import pkgutil
import random
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

import bot.exts
from bot.conversation.recent import Conversations
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.drafting import Drafting
from bot.learning.drafts import Drafts
from bot.learning.expiry import Expiry
from bot.learning.leaderboard import Leaderboard
from bot.learning.moderation import Moderation
from bot.learning.progress import LearnerProgress
from bot.learning.rounds import Rounds
from bot.learning.sessions import QuizSessions
from bot.libraries.admin import LibraryAdmin
from bot.libraries.jobs import JobRunner
from bot.libraries.preferences import ServerPreferences
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.unanswered import UnansweredQuestions
from bot.observability.acknowledgement import Acknowledgements
from bot.observability.events import Hub
from bot.people.memberships import Memberships
from bot.people.privacy import Memory, PersonalData
from bot.people.quotas import Quotas
from bot.runtime.http import be_patient, pass_over_unreadable
from bot.runtime.in_flight import InFlight
from bot.runtime.reconnect import IdentifyPace, reconnect_within_seconds
from bot.store.database import Store
from bot.ui.error_handler import TutorTree, explain
from bot.ui.persistent import PersistentButton, handle_interaction

if TYPE_CHECKING:
    from bot.answering.engine import AnsweringEngine
    from bot.settings import Settings

log = logging.getLogger(__name__)

SYNC_FILE = "commands.json"

# With the telling of those that are given up, within the ten seconds that Docker gives before it kills.
_ANSWERED_WITHIN_S = 4.0
_ENDED_WITHIN_S = 6.0

Clock = Callable[[], datetime]


def extensions() -> Iterator[str]:
    """Name every feature: the files and packages of bot/exts, in order."""
    for module in sorted(pkgutil.iter_modules(bot.exts.__path__), key=lambda module: module.name):
        if not module.name.startswith("_"):
            yield f"{bot.exts.__name__}.{module.name}"


def intents() -> discord.Intents:
    """Nothing privileged: own messages, DMs, mentions and menu targets come with their content anyway."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    return wanted


class TutorBot(commands.AutoShardedBot):
    """Discord's end of the tutor; `clock` tells the time wherever a feature needs it, aware UTC."""

    tree: TutorTree

    def __init__(self, settings: Settings, tutor: AnsweringEngine, *, clock: Clock | None = None) -> None:
        self.events = Hub()
        self.acknowledgements = Acknowledgements(self.events)
        self.under_way = InFlight()
        super().__init__(
            # There are no prefix commands. This is the one prefix for which discord.py does not ask for a
            # privileged intent; on_message below sees to it that it is not used.
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=TutorTree,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            http_trace=self.acknowledgements.trace(),
        )
        self.settings = settings
        self.tutor = tutor
        self._identifies = IdentifyPace()
        self.now: Clock = clock or (lambda: discord.utils.utcnow())
        self.conversations = Conversations(timedelta(minutes=settings.remember_minutes))
        self.quotas = Quotas(settings)
        self.store = Store(settings.data, self.events)
        self.preferences = ServerPreferences(self.store)
        self.workshop = JobRunner(settings, self.events)
        self.pseudonyms = Pseudonyms(self.store)
        self.curator = LibraryAdmin(settings, tutor, self.workshop, self.pseudonyms, now=lambda: self.now())
        self.approved = ApprovedItems(self.store)
        self.deck = Deck(tutor, self.approved)
        now = self.now
        grace = timedelta(days=settings.server_grace_days)
        self.memberships = Memberships(self.store, settings.data, self.preferences, self.approved, grace=grace, now=now)
        self.gaps = UnansweredQuestions(self.store, self.preferences, tutor, now=now)
        self.drafting = Drafting(self.store, self.deck, self.workshop, data=settings.data, now=now)
        self.drafts = Drafts(self.store, self.deck, self.approved, now=now)
        rng = random.SystemRandom()
        self.walks = QuizSessions(self.store, self.deck, tutor, now=now, rng=rng, observe=self.events)
        self.expiry = Expiry(self.store, self.walks, now=now)
        self.rounds = Rounds(self.store, self.deck, now=now)
        self.board = Leaderboard(self.store, now=now)
        self.learner = LearnerProgress(self.store, self.deck, now=now)
        self.upkeep = Moderation(self.store, self.deck, now=now)
        memories: dict[str, Memory] = {
            "questions": self.conversations,
            "done_lately": self.quotas,
            "not_answered_lately": self.gaps,
        }
        self.personal = PersonalData(
            self.store,
            settings.data,
            self.curator,
            memories=memories,
            copies=[self.walks],
            now=now,
            pseudonyms=self.pseudonyms,
        )

    async def setup_hook(self) -> None:
        reconnect_within_seconds()
        be_patient(self)
        pass_over_unreadable(self)
        self.tutor.start()
        await self.store.open()
        for name in extensions():
            await self.load_extension(name)
        self.add_dynamic_items(*PersistentButton.registered)
        await self._sync_if_changed()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Keep Discord's limits on new sessions; discord.py would wait 5 s whenever the last one was."""
        await self._identifies.turn()

    async def on_ready(self) -> None:
        log.info("connected as %s to %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the features that listen to them: there are no prefix commands."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take what discord.py gives to no feature: submitted forms, and presses of buttons that nothing knows."""
        await handle_interaction(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what a listener raised, under an id like everything else."""
        error = sys.exc_info()[1]
        if error is not None:
            log.error("in %s:", event_method)
            explain(error)

    async def finish(self) -> None:
        """Answer those who have asked, tell those who cannot be answered any more; returns within some seconds."""
        await asyncio.gather(
            self.under_way.end(_ENDED_WITHIN_S), self.workshop.close(), self.tutor.finish(_ANSWERED_WITHIN_S)
        )

    async def close(self) -> None:
        """Let everything go. Only the tutor can keep this waiting, while it opens a library: it comes last."""
        await super().close()
        await self.workshop.close()
        await self.store.close()
        await self.tutor.close()

    async def _sync_if_changed(self) -> None:
        """Register the commands with Discord when they, or what Discord holds, differ from the last time.

        Discord allows only so many registrations a day; looking is cheap.
        """
        note = self.settings.data / SYNC_FILE
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        wanted = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        try:
            held = sorted(str(command.id) for command in await self.tree.fetch_commands())
            if held and _read(note) == {"wanted": wanted, "held": held}:
                return
            held = sorted(str(command.id) for command in await self.tree.sync())
            log.info("registered %d commands", len(held))
        except discord.HTTPException as error:
            # Mentions, replies and DMs work without them; the next start tries again.
            log.warning("could not register the commands: %s", error)
            return
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps({"wanted": wanted, "held": held}), encoding="utf-8")
        except OSError as error:
            # A full disk is no reason not to answer; the next start registers them again.
            log.warning("could not note that the commands are registered: %s", error.strerror)


def _read(note: Any) -> Any:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
