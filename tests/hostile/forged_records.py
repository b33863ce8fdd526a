"""Makes one record for each class of button and form, in one server, and says who else may use its id, and why."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.turn import StepKind
from bot.libraries.jobs import _Job
from bot.libraries.paths import adopt, own_folder
from bot.libraries.rebuild import BuildOptions, add_sources, rebuild
from bot.quiz.entries import read_entry
from bot.quiz.items import Item, ItemKind
from bot.quiz.lesson_log import LessonKind, LessonStep
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint
from bot.quiz.session import FreeResult, PointResult, plan
from bot.store import drafts, lessons, sessions
from bot.store.unanswered import UnansweredQuestion
from bot.store.unanswered import add as add_gap
from bot.ui import answer_buttons, build_buttons, privacy, quote_buttons, unanswered
from bot.ui.answer import AS_WRITTEN_ID
from bot.ui.as_written import AsWrittenButton
from bot.ui.drafts import buttons as draft_buttons
from bot.ui.lesson import buttons as lesson_buttons
from bot.ui.lesson import controls as lesson_controls
from bot.ui.lesson_drafts import buttons as plan_buttons
from bot.ui.next_menu import NEXT_ID
from bot.ui.next_steps import NextMenu
from bot.ui.packed_places import PackedPlace, PackedPlaces, pack, packed_place, tag
from bot.ui.persistent import Owned
from bot.ui.quiz import buttons, community, compare, digest, round
from index.generations.promotion import roll_back
from index.generations.texts import live_texts

if TYPE_CHECKING:
    from bot.app import TutorBot
    from bot.libraries.opening import Library

DOCUMENT = "vault.txt"
SENTENCE = "The vault opens to the song of seven blue herons."
SECRETS = [SENTENCE, "zeppelin", "takeover"]
_AT = "2026-01-01T00:00:00.000000"


class Forgery(StrEnum):
    """What is wrong about a press or form, and that alone."""

    OTHER_SERVER = "other server"
    OTHER_PERSON = "other person"
    OTHER_CHANNEL = "other channel"
    PRIVATE = "private messages"
    OLD_VERSION = "old version"
    NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True)
class Recipe:
    """An id of a class that its owner can use at home; `private` is one that they can use in private messages only.

    `legitimate` says which forgeries are none, and why. With `keyed` the id names no record, so that it acts on the
    server or person that uses it wherever that is. `fields` are what a form is sent with, `values` what is chosen in a
    menu. `before` is done before the owner uses the id.
    """

    id: str
    legitimate: Mapping[Forgery, str] = field(default_factory=dict)
    private: str = ""
    keyed: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    before: Callable[[], Awaitable[Any]] | None = None


_KEEPERS = {Forgery.OTHER_CHANNEL: "those who look after a server's library do so in any channel of it"}
_READERS = {
    Forgery.OTHER_PERSON: "everybody in a server may read its library, and the reply is private",
    Forgery.OTHER_CHANNEL: "a library is read in every channel of its server",
}
_LEARNER = {Forgery.OTHER_CHANNEL: "a session is its person's in the whole server, and nobody else's"}
_EVERYBODY = {Forgery.OTHER_PERSON: "it acts for the person who presses", Forgery.OTHER_CHANNEL: "it is the server's"}


async def make_recipes(bot: TutorBot, library: Library, home: int, channel: int, owner: int) -> dict[type, Recipe]:
    """Fill the server `home` with records of `owner`, and give the recipe of each class that can be forged."""
    held = await asyncio.to_thread(_build, bot, library, home)
    maker = _Maker(bot, home, channel, owner)
    return {
        **await _reading(maker),
        **await _sessions(maker),
        **await _lessons(maker),
        **await _rounds(maker),
        **await _drafts(maker),
        **await _plans(maker),
        **_decisions(maker, held),
        **await _keyed(maker),
    }


def kinds_without_recipe(recipes: Mapping[type, Recipe], registered: list[type[Owned]]) -> list[str]:
    """Name the classes that nobody has forged."""
    return sorted(kind.__name__ for kind in registered if kind not in recipes)


def _build(bot: TutorBot, library: Library, home: int) -> list[str]:
    """Give the server a library of its own with a secret in it, and name three more builds that wait there."""
    data = bot.services.settings.data
    own = adopt(data, home, at=_AT)

    def built(name: str, text: str, *, hold: bool) -> str:
        path = data / name
        path.write_text(text, encoding="utf-8")
        options = BuildOptions(hold=hold, anyway=True)
        found = rebuild(bot.services.settings, own, add_sources([path]), lambda: library.encoder, options)
        path.unlink()
        return found.report.generation

    built(DOCUMENT, f"The vault\n\n{SENTENCE}\n", hold=False)
    texts = ("It is planned for May.", "It is planned for June.", "It is planned for July.")
    return [built("takeover.txt", f"The takeover\n\n{text}\n", hold=True) for text in texts]


@dataclass(frozen=True, slots=True)
class _Maker:
    bot: TutorBot
    home: int
    channel: int
    owner: int

    async def items(self, kind: ItemKind) -> list[Item]:
        return [item for item in (await self.bot.services.deck.cards(self.home)).bank.items if item.kind is kind]

    async def session(self, kind: ItemKind, guild: int | None, *, picked: bool = False, unsure: bool = False) -> int:
        """Begin a session of one question, which is a secret from now on."""
        item = (await self.items(kind))[0]
        SECRETS.append(item.question)
        (step,) = plan([item], random.Random(1))
        if unsure:
            step = replace(step, graded=FreeResult(None, tuple(PointResult(point, hit=False) for point in item.points)))
        if picked:
            step = replace(step, picked=item.key)
        async with self.bot.services.store.writing() as connection:
            made = await sessions.create(
                connection, person=self.owner, guild=guild, laid_out=(step,), now=self.bot.services.now()
            )
            await sessions.change(connection, made.id, step)
        return made.id


async def _reading(maker: _Maker) -> dict[type, Recipe]:
    texts = await asyncio.to_thread(live_texts, own_folder(maker.bot.services.settings.data, maker.home))
    start = texts.document(DOCUMENT).text.index(SENTENCE)
    secret = PackedPlace(tag(DOCUMENT), start, start + len(SENTENCE))
    cards = await maker.bot.services.deck.cards(maker.home)
    item = (await maker.items(ItemKind.CHOICE))[0]
    generation = texts.manifest.generation
    about = pack(PackedPlaces(generation, (packed_place(cards.quotes[item.id][0]),)))
    plain = pack(PackedPlaces(generation, (secret,)))
    hashed = pack(PackedPlaces(generation, (replace(secret, sha256_front="0123456789abcdef"),)))
    return {
        quote_buttons.ShowContextButton: Recipe(quote_buttons.CONTEXT_ID + plain, _READERS),
        quote_buttons.VerifyButton: Recipe(quote_buttons.VERIFY_ID + hashed, _READERS),
        answer_buttons.MoreButton: Recipe(answer_buttons.MORE_ID + plain, _READERS),
        answer_buttons.QuizMeButton: Recipe(answer_buttons.QUIZ_ID + about, _READERS),
        answer_buttons.SectionButton: Recipe(answer_buttons.SECTION_ID + plain, _READERS),
        NextMenu: Recipe(NEXT_ID, _READERS, values=(f"{StepKind.POINT}:{plain}",)),
    }


async def _sessions(maker: _Maker) -> dict[type, Recipe]:
    acts: tuple[tuple[type, str, str, dict[str, Any]], ...] = (
        (buttons.PickButton, "pick", ":1", {"kind": ItemKind.CHOICE}),
        (buttons.SubmitButton, "submit", ":0", {"kind": ItemKind.CHOICE, "picked": True}),
        (buttons.HintButton, "hint", ":2", {"kind": ItemKind.CHOICE}),
        (buttons.NextButton, "next", ":0", {"kind": ItemKind.CHOICE}),
        (buttons.DisputeButton, "dispute", ":0", {"kind": ItemKind.CHOICE}),
        (buttons.JudgeButton, "judge", ":2", {"kind": ItemKind.FREE, "unsure": True}),
        (buttons.WriteButton, "write", ":0", {"kind": ItemKind.FREE}),
        (buttons.WriteForm, "written", "", {"kind": ItemKind.FREE}),
        (buttons.DisputeForm, "disputed", "", {"kind": ItemKind.CHOICE}),
    )
    found = {}
    for kind, act, end, given in acts:
        here, private = [
            f"quiz:v1:{act}:{await maker.session(guild=guild, **given)}:0{end}" for guild in (maker.home, None)
        ]
        found[kind] = Recipe(here, _LEARNER, private=private, fields={"text": "The author says so, in other words."})
    return found


async def _lessons(maker: _Maker) -> dict[type, Recipe]:
    """Begin a lesson of one point, whose words are a secret, in the server and in private messages."""
    plan = LessonPlan("vault", "The zeppelins", (Chapter("one", "One", (LessonPoint("song", SENTENCE),)),))
    lessons_of = maker.bot.services.lesson_plans
    cards = await maker.bot.services.deck.cards(maker.home)
    lessons_of._plans.put(maker.home, (cards, (plan,)))
    lessons_of._plans.put(None, (await maker.bot.services.deck.cards(None), (plan,)))
    ids = []
    for guild in (maker.home, None):
        now = maker.bot.services.now()
        async with maker.bot.services.store.writing() as connection:
            made = await sessions.create(connection, person=maker.owner, guild=guild, laid_out=(), now=now)
            made = await lessons.begin(connection, made, plan)
            step = LessonStep(0, LessonKind.READ, "song", None, changed=False, made_at=now)
            await lessons.go_on(connection, made, plan.version, step)
        ids.append(f"lesson:v1:next:{made.id}:0")
    return {lesson_buttons.OnwardButton: Recipe(ids[0], _LEARNER, private=ids[1])}


async def _rounds(maker: _Maker) -> dict[type, Recipe]:
    found = {}
    public = {Forgery.OTHER_PERSON: "everybody in the channel may take part in a round"}
    legitimate: tuple[tuple[type, str, dict[Forgery, str]], ...] = (
        (round.AnswerButton, "answer", public),
        (round.CloseButton, "close", {}),
    )
    for kind, act, allowed in legitimate:
        given: dict[str, Any] = {"guild": maker.home, "channel": maker.channel, "host": maker.owner}
        state = await maker.bot.services.rounds.open(**given, number=2, lasts=timedelta(days=9))
        bank = (await maker.bot.services.deck.cards(maker.home)).bank
        SECRETS.extend([state.round.seed, *(bank.by_id[dealt.item].question for dealt in state.round.items)])
        found[kind] = Recipe(f"quiz:v1:{act}:{state.round.id}:0:0", allowed)
    return found


async def _drafts(maker: _Maker) -> dict[type, Recipe]:
    row = {
        "kind": "choice", "side": "both", "difficulty": 2, "why": "It is said so.", "quote": SENTENCE,
        "right": "the herons that are blue", "wrong": ["the owls that are grey", "the crows that are black"],
    }  # fmt: skip
    kinds: dict[str, type] = {
        "approve": draft_buttons.ApproveButton,
        "reject": draft_buttons.RejectButton,
        "skip": draft_buttons.SkipButton,
        "edit": draft_buttons.EditButton,
        "edited": draft_buttons.EditForm,
    }
    made, found = [], {}
    for number, (act, kind) in enumerate(kinds.items()):
        question = f"Which birds open the vault of the {number + 3} zeppelins?"
        one = {**row, "id": f"vault-{number}", "question": question}
        made.append((f"vault-{number}", "vault-0a1b2c", "The vault", one))
        version = read_entry(one, axis="vault-0a1b2c", file="drafts").version
        id = f"draft:v1:{act}:vault-{number}:{version}"
        found[kind] = Recipe(id, _KEEPERS, fields={"question": f"Which birds sing at the vault number {number}?"})
    async with maker.bot.services.store.writing() as connection:
        await drafts.add(connection, maker.home, made, maker.bot.services.now())
    return found


async def _plans(maker: _Maker) -> dict[type, Recipe]:
    review = await maker.bot.services.lesson_drafts.begin(maker.home, [DOCUMENT])
    key, (chapter,) = f"{review.plan.id}:{review.version}", review.plan.chapters
    return {
        plan_buttons.PlanButton: Recipe(f"plan:v1:approve:{key}", _KEEPERS),
        plan_buttons.ChapterMenu: Recipe(f"plan:v1:chapter:open:{key}", _KEEPERS, values=(chapter.id,)),
        plan_buttons.PointMenu: Recipe(
            f"plan:v1:point:drop:{key}:{chapter.id}", _KEEPERS, values=(chapter.points[0].id,)
        ),
    }


def _decisions(maker: _Maker, held: list[str]) -> dict[type, Recipe]:
    own = own_folder(maker.bot.services.settings.data, maker.home)

    async def undo() -> None:
        """Go back to what the builds were made on, so that the next one can be promoted."""
        await asyncio.to_thread(roll_back, own, at=_AT)

    promote, anyway, discard = held
    build = maker.bot.services.job_runner._jobs[own] = _Job()
    return {
        build_buttons.CancelButton: Recipe(f"library:v1:cancel:{build.id}", _KEEPERS),
        build_buttons.PromoteButton: Recipe(f"library:v1:promote:{promote}", _KEEPERS),
        build_buttons.PromoteAnywayButton: Recipe(f"library:v1:anyway:{anyway}", _KEEPERS, before=undo),
        build_buttons.DiscardButton: Recipe(f"library:v1:discard:{discard}", _KEEPERS, before=undo),
    }


async def _keyed(maker: _Maker) -> dict[type, Recipe]:
    async with maker.bot.services.store.writing() as connection:
        await add_gap(
            connection,
            maker.home,
            UnansweredQuestion("How much does a zeppelin cost?", "not_covered", maker.bot.services.now()),
        )
    person = dict.fromkeys((Forgery.OTHER_SERVER, Forgery.OTHER_CHANNEL, Forgery.PRIVATE), "it is the person's own")
    shipped = dict.fromkeys([*Forgery][:4], "it shows the contrasts that ship with the bot")
    as_written = dict.fromkeys([*Forgery][:4], "it asks what stands in the message that is pressed, and only there")
    own_quiz = dict.fromkeys([*Forgery][:4], "it starts a quiz of the person who presses, in the server of the press")
    own_lesson = dict.fromkeys([*Forgery][:4], "it goes on with a lesson of the person who presses, in their server")
    here = {Forgery.OTHER_SERVER: "it acts on the server in which it is pressed, for those who look after that one"}
    return {
        unanswered.UnansweredButton: Recipe("gaps:v1:forget", {**_KEEPERS, **here}, keyed=True),
        digest.DigestButton: Recipe("digest:v1:on", {**_KEEPERS, **here}, keyed=True),
        community.BoardButton: Recipe("board:v1:join", {**_EVERYBODY, **here}, keyed=True),
        AsWrittenButton: Recipe(AS_WRITTEN_ID, as_written, keyed=True),
        answer_buttons.StartQuizButton: Recipe(answer_buttons.START_QUIZ_ID, own_quiz, keyed=True),
        lesson_buttons.GoButton: Recipe(lesson_controls.GO_ID, own_lesson, keyed=True),
        lesson_buttons.DueButton: Recipe(lesson_controls.DUE_ID, own_quiz, keyed=True),
        compare.AxisButton: Recipe("quiz:v1:axis:logic", shipped, keyed=True),
        privacy.ForgetButton: Recipe(f"privacy:v1:delete:{maker.owner}", person),
    }


def files_of(data: Path, home: int) -> dict[str, bytes | None]:
    """List what the server's own library holds that a press can change: its pointer, diary and generations."""
    own = own_folder(data, home)
    paths = [*own.glob("*"), *own.glob("generations/*"), *own.glob("exams/*")]
    return {str(path.relative_to(own)): path.read_bytes() if path.is_file() else None for path in sorted(paths)}
