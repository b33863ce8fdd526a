"""Sends forged ids of every class of button and form to the whole bot, in a simulated Discord with a real store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord
import simcord
from simcord.actors import _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.enums import InteractionType
from sqlalchemy import select

from bot.store.schema import metadata
from bot.ui.persistent import PersistentForm, PersistentItem
from prompts import words
from tests.hostile.forged_records import SECRETS, Forgery, Recipe, files_of, kinds_without_recipe, make_recipes

if TYPE_CHECKING:
    from bot.app import TutorBot
    from bot.libraries.opening import Library

_BROKEN = words("errors.unexpected", id="").split("`")[0]
_VERSION = re.compile(r":v\d+:")

_LAYOUT_S = 901
_SETTLED_WITHIN_S = 120.0  # a library of the server's own is opened by the first press that needs it

Dump = dict[str, list[str]]


@dataclass(slots=True)
class Outcome:
    """What came of all forgeries. `faults` say which did something or showed something, `mute` which got no sentence.

    `legitimate` are uses that are allowed by design, by class and forgery, with the reason. `dead` are classes whose
    id did nothing even for its owner, so that forging it proves nothing.
    """

    tried: dict[Forgery, int] = field(default_factory=lambda: dict.fromkeys(Forgery, 0))
    faults: list[str] = field(default_factory=list)
    mute: list[str] = field(default_factory=list)
    legitimate: dict[tuple[str, Forgery], str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Somebody in a channel."""

    actor: Any
    channel: Any


@dataclass(frozen=True, slots=True)
class _World:
    """Grace owns all records at home, and manages both servers; Mallory manages the other one only."""

    env: simcord.Env
    bot: TutorBot
    home: Any
    grace: _Place
    grace_beside: _Place
    grace_elsewhere: _Place
    grace_private: _Place
    mallory: _Place
    mallory_elsewhere: _Place

    def forgers(self, forgery: Forgery) -> list[_Place]:
        match forgery:
            case Forgery.OTHER_SERVER:
                return [self.grace_elsewhere, self.mallory_elsewhere]
            case Forgery.OTHER_PERSON:
                return [self.mallory]
            case Forgery.OTHER_CHANNEL:
                return [self.grace_beside]
            case Forgery.PRIVATE:
                return [self.grace_private]
        return [self.grace]


async def forge_all(env: simcord.Env, bot: TutorBot, library: Library) -> Outcome:
    """Forge each class in every way; then let the owner use each id, which has to do something."""
    env.settle_timeout = _SETTLED_WITHIN_S
    world = await _world(env, bot)
    home, owner = world.home.id, world.grace.actor.id
    recipes = await make_recipes(bot, library, home, world.grace.channel.id, owner)
    # Else the quizzes of the other server would ask some of them by chance, as they may.
    elsewhere = world.grace_elsewhere.channel.guild.id
    for item in (await bot.services.deck.cards(elsewhere)).bank.items:
        if item.question in SECRETS:
            await bot.services.moderation.retire(elsewhere, item.id, owner)
    outcome = Outcome(missing=kinds_without_recipe(recipes, [*PersistentItem.registered, *PersistentForm.registered]))
    for kind, recipe in recipes.items():
        for forgery in Forgery:
            await _forge(world, outcome, kind, recipe, forgery)
        # discord.py keeps a private layout for this long; the simulation gets slow with hundreds of them.
        await env.advance_time(_LAYOUT_S)
    for kind, recipe in recipes.items():
        if recipe.before is not None:
            await recipe.before()
        before = await _dump(world)
        result, shown = await _send(world, world.grace, kind, recipe.id, recipe)
        does = await _dump(world) != before or result.modal is not None or _secrets_in(shown)
        if not does and not recipe.keyed:
            outcome.dead.append(f"{kind.__name__}: {shown[:120]}")
    return outcome


async def _world(env: simcord.Env, bot: TutorBot) -> _World:
    home, other = env.create_guild(), env.create_guild()
    channel, beside, elsewhere = (
        guild.create_text_channel(name) for guild, name in ((home, "one"), (home, "two"), (other, "three"))
    )
    grace, mallory = env.create_user("grace"), env.create_user("mallory")
    manager, other_manager = (
        guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True)) for guild in (home, other)
    )
    at_home = home.add_member(grace, roles=[manager])
    dm = await bot.create_dm(discord.Object(grace.id))
    assert dm.id == grace.dm_channel.id
    return _World(
        env,
        bot,
        home,
        grace=_Place(at_home, channel),
        grace_beside=_Place(at_home, beside),
        grace_elsewhere=_Place(other.add_member(grace, roles=[other_manager]), elsewhere),
        grace_private=_Place(grace, grace.dm_channel),
        mallory=_Place(home.add_member(mallory), channel),
        mallory_elsewhere=_Place(other.add_member(mallory, roles=[other_manager]), elsewhere),
    )


async def _forge(world: _World, outcome: Outcome, kind: type, recipe: Recipe, forgery: Forgery) -> None:
    reason = recipe.legitimate.get(forgery)
    if reason is not None:
        outcome.legitimate[kind.__name__, forgery] = reason
        if not (recipe.keyed and forgery is Forgery.OTHER_SERVER):
            return
    for place in world.forgers(forgery):
        for id in _ids(recipe.id, forgery):
            await _judge(world, outcome, kind, place, id, recipe, forgery)
    if recipe.private and forgery is Forgery.OTHER_SERVER:
        await _judge(world, outcome, kind, world.grace, recipe.private, recipe, forgery)


async def _judge(
    world: _World, outcome: Outcome, kind: type, place: _Place, id: str, recipe: Recipe, forgery: Forgery
) -> None:
    """Send an id and note what it did; one that acts on where it is used may change nothing at home."""
    before = await _dump(world)
    result, shown = await _send(world, place, kind, id, recipe)
    after = await _dump(world)
    told = f"{kind.__name__}, {forgery}, {id[:60]}"
    outcome.tried[forgery] += 1
    is_own = forgery in (Forgery.OLD_VERSION, Forgery.NONSENSE)  # the owner may read their own records
    if recipe.keyed and forgery is Forgery.OTHER_SERVER:
        before, after = (_of_home(world, dump) for dump in (before, after))
    if before != after:
        outcome.faults.append(f"{told}: it changed {[name for name in after if after[name] != before.get(name)]}")
    elif result.modal is not None and forgery is not Forgery.NONSENSE:
        outcome.faults.append(f"{told}: it opened a form")
    elif not is_own and _secrets_in(shown):
        outcome.faults.append(f"{told}: it showed {_secrets_in(shown)}")
    if not shown.strip() or _BROKEN in shown:
        outcome.mute.append(f"{told}: {shown[:80]!r}")


def _ids(id: str, forgery: Forgery) -> Iterator[str]:
    """Give the id as it is forged; one of nonsense begins as the class's ids do and names nothing that there is."""
    if forgery is Forgery.OLD_VERSION:
        yield from (_VERSION.sub(version, id, count=1) for version in (":v0:", ":v2:"))
    elif forgery is Forgery.NONSENSE:
        act, record = id.split(":")[:3], ":".join(id.split(":")[3:])
        numbers = re.sub(r"\d", "9", record) if act[0] != "ask" else record[::-1]
        yield from (":".join([*act, each]) for each in ("nonsense", "\U0001f426" * 3, numbers) if each != record)
    else:
        yield id


async def _send(
    world: _World, place: _Place, kind: type, id: str, recipe: Recipe
) -> tuple[simcord.InteractionResult, str]:
    """Press or send the id under a message of the bot that holds it; gives all that can be read afterwards."""
    carrier = await world.bot.get_partial_messageable(place.channel.id).send(view=_carrier(id, recipe.values))
    stored = world.env.backend.get_message(place.channel.id, carrier.id)
    data: dict[str, Any]
    extra = {"message": dict(serializers.message_payload(world.env.backend, stored))}
    if issubclass(kind, PersistentForm):
        type_, data = InteractionType.MODAL_SUBMIT, {"custom_id": id, "components": [*_written(recipe.fields)]}
    elif recipe.values:
        type_, data = (
            InteractionType.MESSAGE_COMPONENT,
            {"custom_id": id, "component_type": 3, "values": [*recipe.values]},
        )
    else:
        type_, data = InteractionType.MESSAGE_COMPONENT, {"custom_id": id, "component_type": 2}
    result = await _dispatch_actor_interaction(
        place.actor, type_, place.channel, data, extra=extra, source_message_id=carrier.id
    )
    shown = [stored, result.response, *result.followups]
    return result, "\n".join(_text(message) for message in shown if message is not None).replace(_CARRIER, "")


_CARRIER = "A message of the bot."


def _carrier(id: str, values: Sequence[str]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(_CARRIER))
    options = [discord.SelectOption(label=value) for value in values]
    held: discord.ui.Item[Any] = discord.ui.Button(label="Press", custom_id=id[:100])
    view.add_item(discord.ui.ActionRow(discord.ui.Select(custom_id=id[:100], options=options) if values else held))
    view.stop()
    return view


def _written(fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for number, (name, value) in enumerate(fields.items()):
        field = {"type": 4, "id": 2 * number + 2, "custom_id": name, "value": value}
        yield {"type": 18, "id": 2 * number + 1, "component": field}


def _text(message: Any) -> str:
    raw = [each.to_dict() if hasattr(each, "to_dict") else each for each in message.components]
    return "\n".join(str(each.get("content", "")) for each in simcord.components.walk_components(raw))


def _secrets_in(shown: str) -> list[str]:
    plain = shown.replace("\\", "").replace("**", "")
    return [secret for secret in SECRETS if secret in plain]


async def _dump(world: _World) -> Dump:
    """Give all that the store holds, by table, what the server's library holds, and the builds going on."""
    found = {}
    async with world.bot.services.store.reading() as connection:
        for table in metadata.sorted_tables:
            rows = await connection.execute(select(table))
            found[table.name] = [repr(sorted(row._asdict().items(), key=str)) for row in rows]
    files = files_of(world.bot.services.settings.data, world.home.id)
    builds = [repr(job) for job in world.bot.services.job_runner._jobs.values()]
    return {**found, "files": [repr(each) for each in files.items()], "builds": builds}


def _of_home(world: _World, dump: Dump) -> Dump:
    """Keep what concerns the server of the records."""
    home = str(world.home.id)
    return {
        name: rows if name in ("files", "builds") else [row for row in rows if home in row]
        for name, rows in dump.items()
    }
