"""A newcomer's first minutes with the demo, in a real browser, with the real bot and the real model."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import discord
import pytest
from playwright.async_api import Locator, Page, Route, async_playwright, expect

from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.demo import serve_demo
from bot.demo._words import read_words
from bot.quiz.items import BLANK, Item
from bot.settings import Settings, load_settings
from index.documents.document import read_sources
from index.generations.build import build
from index.generations.promotion import promote
from index.models.encoder import SentenceTransformerEncoder
from index.text.aliases import read_aliases
from prompts import FOLDER, words
from tests.browser import ADVICE, find

ROOT = Path(__file__).parents[3]
ARTEFACTS = ROOT / "build" / "artefacts"
SEEDS = ROOT / "index" / "seeds"
ESSAY = next(SEEDS.glob("*.txt")).read_text(encoding="utf-8")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ANSWER_MS = 60_000  # the first answer waits for the model
BUILD_MS = 180_000
BEES = """# The beekeeper's year

A colony of honey bees spends the winter as a ball around its queen. The workers on the outside creep inwards when they
are cold.

In April the colony doubles in size every three weeks. A keeper who adds a second box too late loses the swarm.
"""

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(
        os.environ.get("TUTOR_TEST_BROWSER") == "0",
        reason="TUTOR_TEST_BROWSER=0: the demo was not tried in a browser",
    ),
]


@pytest.fixture(scope="module")
def chromium() -> str:
    """Find a browser; its absence fails the test, or nobody would notice that the demo is untried."""
    executable = find()
    if executable is None:
        pytest.fail(ADVICE, pytrace=False)
    return executable


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Build the shipped library with the real model."""
    settings = load_settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    documents, _ = read_sources([SEEDS])
    report = build(
        documents,
        data=settings.data,
        encoder=SentenceTransformerEncoder(settings.model),
        aliases=read_aliases(FOLDER / "aliases.yaml"),
        built_at="2026-01-01T00:00:00+00:00",
    )
    promote(settings.data, report.generation, at="2026-01-01T00:00:00+00:00")
    return settings


@asynccontextmanager
async def demo(settings: Settings) -> AsyncIterator[tuple[TutorBot, str]]:
    announced: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    bot = TutorBot(settings, AnsweringEngine(settings))
    serving = asyncio.create_task(serve_demo(lambda: bot, port=0, open_browser=False, announce=announced.set_result))
    try:
        first: set[asyncio.Future[Any]] = {serving, announced}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        [url] = re.findall(r"http://\S+#\S+", await announced)
        yield bot, url
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


class Newcomer:
    """Does on the page what a person does, and reads what a person reads."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.composer = page.locator("#channel-composer [data-control-key], #channel-composer-input").first
        self.send = page.locator("#send-message")
        self.messages = page.locator("#channel-message-list > [data-message-id]")

    @property
    def newest(self) -> Locator:
        return self.messages.last

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.page.keyboard.press("Enter")

    async def command(self, name: str, option: str) -> None:
        await self.composer.click()
        await self.page.keyboard.type(f"/{name}")
        await self.page.keyboard.press("Tab")
        await self.page.keyboard.type(option)
        await self.page.keyboard.press("Enter")

    async def run(self, name: str) -> None:
        """Run a slash command as it stands, without options."""
        await self.composer.click()
        await self.page.keyboard.type(f"/{name}")
        await self.page.keyboard.press("Tab")
        await self.send.click()

    async def upload(self, name: str, option: str, file: Path) -> None:
        """Run a slash command with a file for one of its options."""
        await self.composer.click()
        await self.page.keyboard.type(f"/{name}")
        await self.page.keyboard.press("Tab")
        await self.page.locator(f'.command-suggestion[data-value="{option}"]').click()
        await self.page.locator("input[type=file]").last.set_input_files(file)
        await self.send.click()

    async def act(self, message: Locator, name: str) -> None:
        """Press a button of a message that will be changed by it, and wait until the page takes acts again."""
        await message.get_by_role("button", name=name, exact=True).click()
        await expect(self.send).to_be_enabled(timeout=ANSWER_MS)
        await expect(self.page.locator("#preview-app")).to_have_attribute("aria-busy", "false")

    async def write(self, message: Locator, text: str) -> None:
        """Write into the form that a message's button opens."""
        await message.get_by_role("button", name=words("quiz.button.write")).click()
        field = self.page.locator("#modal-root textarea")
        await field.fill(text)
        await self.page.locator("#modal-root").get_by_role("button", name="Submit").click()
        await expect(field).to_have_count(0)
        await expect(self.messages.filter(has_text=re.compile("You wrote:"))).to_have_count(1, timeout=ANSWER_MS)

    async def press(self, name: str, *, shows: str) -> None:
        """Press the newest button of this name and wait for words that were not there."""
        shown = self.messages.filter(has_text=shows)
        before = await shown.count()
        await self.page.get_by_role("button", name=name).last.click()
        await expect(shown).to_have_count(before + 1, timeout=ANSWER_MS)

    async def look_as(self, label: str) -> None:
        await self.page.locator("#viewer-picker").select_option(label=label)

    async def picture(self, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        with suppress(AssertionError):  # of a page that never comes to rest there is a picture too
            await expect(self.page.locator("#preview-app")).to_have_attribute("aria-busy", "false")
        await self.page.screenshot(path=ARTEFACTS / f"demo-{name}.png")


@asynccontextmanager
async def visit(url: str, chromium: str) -> AsyncIterator[Newcomer]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = await browser.new_page(viewport={"width": 1280, "height": 860})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(url)
        newcomer = Newcomer(page)
        try:
            await expect(newcomer.newest).to_contain_text("Welcome")
            yield newcomer
        except BaseException as failure:
            await newcomer.picture("at-failure")
            failure.add_note("The page showed: " + " | ".join(await newcomer.messages.all_inner_texts()))
            failure.add_note(f"In the composer: {await newcomer.page.locator('#channel-composer').inner_text()!r}")
            raise
        finally:
            await browser.close()
        assert faults == []


def headline(key: str) -> str:
    """Return the words of a heading as a reader sees them."""
    return words(key).splitlines()[0].lstrip("# ")


async def quotes_in(message: Locator) -> list[str]:
    """Read the quotes of an answer, white space as it is in the essay's lines."""
    shown = await message.locator(".markdown-blockquote").all_inner_texts()
    return [text.strip().splitlines()[0] for text in shown]


async def test_first_minutes(chromium: str, library: Settings) -> None:
    """A newcomer asks what the welcome proposes, presses every button and looks through somebody else."""
    differ, form, price = re.findall(r"`@\{bot\} (.+?)`", read_words().welcome)
    private = "Only you can see this"
    async with demo(library) as (_, url), visit(url, chromium) as newcomer:
        await newcomer.picture("welcome")

        await newcomer.say(f"@Tutor {form}")
        answers = newcomer.messages.filter(has_text=headline("ask.lead.answer"))
        await expect(answers).to_have_count(1, timeout=ANSWER_MS)
        quotes = await quotes_in(answers.first)
        assert quotes
        assert [quote for quote in quotes if quote not in ESSAY] == []
        await newcomer.picture("answer")

        await newcomer.press(words("ask.button.context"), shows=ESSAY.splitlines()[0])
        await newcomer.press(words("ask.button.more"), shows=headline("ask.lead.more"))
        await newcomer.press(words("ask.button.verify"), shows=headline("ask.lead.verify"))
        await expect(newcomer.newest).to_contain_text("✅")
        await newcomer.picture("buttons")

        await newcomer.command("ask", differ)
        compared = newcomer.messages.filter(has_text=headline("ask.lead.compared"))
        await expect(compared).to_have_count(1, timeout=ANSWER_MS)
        assert [quote for quote in await quotes_in(compared.first) if quote not in ESSAY] == []
        await newcomer.picture("comparison")

        await newcomer.say(f"@tutor {price}")
        await expect(newcomer.newest).to_contain_text(headline("ask.lead.not_covered"), timeout=ANSWER_MS)

        _, other, *_ = (person.label for person in read_words().people)
        await expect(newcomer.page.get_by_text(private, exact=True)).to_have_count(3)
        await newcomer.look_as(other)
        await expect(newcomer.page.get_by_text(private, exact=True)).to_have_count(0)
        await expect(answers).to_have_count(1)
        await newcomer.picture("somebody-else")

        await newcomer.look_as(read_words().people[0].label)
        await expect(newcomer.page.get_by_text(private, exact=True)).to_have_count(3)
        await newcomer.page.set_viewport_size({"width": 390, "height": 800})
        await asyncio.sleep(0.5)  # the page settles into its new width
        await newcomer.picture("narrow")


async def test_a_quiz_and_a_round(chromium: str, library: Settings) -> None:
    """A learner fails an item, meets it again, writes an answer, plays a round with another and sees the progress."""
    ada, ben, *_ = (person.label for person in read_words().people)
    async with demo(library) as (bot, url), visit(url, chromium) as newcomer:
        await newcomer.run("quiz start")
        quiz = newcomer.messages.filter(has_text=re.compile(r"Question \d+ of|Right|Not quite|Partly|judge yourself"))
        await expect(quiz).to_have_count(1, timeout=ANSWER_MS)
        await newcomer.picture("quiz-question")
        wrong = True
        failed_seen = written = 0
        bank = (await bot.services.deck.cards()).bank
        for _ in range(12):
            shown = await quiz.last.inner_text()
            if words("quiz.step.again").strip("- #") in shown:
                failed_seen += 1
                await newcomer.picture("quiz-again")
            if await quiz.last.get_by_role("button", name=words("quiz.button.write")).count():
                item = next(each for each in bank.items if each.points and each.question in shown)
                await newcomer.write(quiz.last, " ".join(item.points))
                await newcomer.picture("quiz-free")
                written += 1
            else:
                item = next(
                    each
                    for each in bank.items
                    if each.options and all(option in shown for option in each.options) and asks(each, shown)
                )
                line = next(
                    line
                    for line in shown.splitlines()
                    if re.match(r"[A-E] · ", line) and (line[4:] == item.options[item.key]) is not wrong
                )
                await newcomer.act(quiz.last, line[0])
                await newcomer.act(quiz.last, words("quiz.button.submit"))
                if wrong:
                    await newcomer.picture("quiz-wrong")
                wrong = False
            if await quiz.last.get_by_role("button", name=words("quiz.button.finish")).count():
                break
            await newcomer.act(quiz.last, words("quiz.button.next"))
        assert failed_seen == 1
        await newcomer.page.get_by_role("button", name=words("quiz.button.finish")).last.click()
        await expect(newcomer.messages.filter(has_text="To look at again")).to_have_count(1)
        await newcomer.picture("quiz-summary")

        await newcomer.run("progress")
        await expect(newcomer.messages.filter(has_text="Your progress")).to_have_count(1, timeout=ANSWER_MS)
        await newcomer.picture("quiz-progress")

        await newcomer.run("quiz round")
        announced = newcomer.messages.filter(has_text="A round of")
        await expect(announced).to_have_count(1, timeout=ANSWER_MS)
        await newcomer.act(announced.last, words("quiz.button.answer"))
        await newcomer.look_as(ben)
        await newcomer.act(announced.last, words("quiz.button.answer"))
        asked = newcomer.messages.filter(has_text=re.compile(r"Question \d+ of"))
        await expect(asked).to_have_count(1)
        await newcomer.act(asked.last, "A")
        await newcomer.act(asked.last, words("quiz.button.submit"))
        await newcomer.picture("round-ben")
        await newcomer.look_as(ada)
        await newcomer.act(announced.last, words("quiz.button.close"))
        await expect(newcomer.messages.filter(has_text="The round is closed")).to_have_count(1)
        await newcomer.picture("round-closed")


async def test_a_library_is_changed(chromium: str, library: Settings, tmp_path: Path) -> None:
    """Grace adds a document, reads what would change and promotes it; Ada is quoted from it; then it is taken back."""
    shutil.copytree(library.data, tmp_path / "data")
    (tmp_path / "beekeeping.md").write_text(BEES, encoding="utf-8")
    ada, _, grace = (person.label for person in read_words().people)
    own = Settings(_env_file=None, data=tmp_path / "data")
    async with demo(own) as (_, url), visit(url, chromium) as newcomer:
        await newcomer.say("@Tutor What do bees do in winter?")
        await expect(newcomer.newest).to_contain_text(headline("ask.lead.not_covered"), timeout=ANSWER_MS)
        await newcomer.look_as(grace)
        await newcomer.upload("library add", "document", tmp_path / "beekeeping.md")
        await expect(newcomer.newest).to_contain_text("Reading the documents", timeout=ANSWER_MS)
        await newcomer.picture("library-building")
        proposed = newcomer.messages.filter(has_text="This would change")
        await expect(proposed).to_have_count(1, timeout=BUILD_MS)
        await expect(proposed).to_contain_text("Exam passed")
        await proposed.last.get_by_role("button", name=words("library.button.promote")).scroll_into_view_if_needed()
        await newcomer.picture("library-diff")
        await newcomer.act(proposed.last, words("library.button.promote"))
        await expect(newcomer.messages.filter(has_text="This is live now")).to_have_count(1)
        await newcomer.picture("library-promoted")

        await newcomer.look_as(ada)
        await newcomer.say("@Tutor What do bees do in winter?")
        answers = newcomer.messages.filter(has_text=headline("ask.lead.answer"))
        await expect(answers).to_have_count(1, timeout=ANSWER_MS)
        [quote, *_] = await quotes_in(answers.last)
        assert quote in BEES
        await newcomer.picture("library-asked")

        await newcomer.look_as(grace)
        await newcomer.run("library history")
        await expect(newcomer.newest).to_contain_text("promoted", timeout=ANSWER_MS)
        await newcomer.run("library rollback")
        await expect(newcomer.messages.filter(has_text="is live again")).to_have_count(1, timeout=ANSWER_MS)
        await newcomer.picture("library-rolled-back")
        await newcomer.look_as(ada)
        await newcomer.say("@Tutor Once more: what do bees do in winter?")
        await expect(newcomer.newest).to_contain_text(headline("ask.lead.not_covered"), timeout=ANSWER_MS)


def asks(item: Item, shown: str) -> bool:
    """Tell whether this item stands on the screen: what is before a gap is enough of a sentence with one."""
    return item.question.split(BLANK)[0].strip()[:60] in shown


async def test_clicks_among_late_posts(chromium: str, library: Settings) -> None:
    """Twenty presses of a button in the browser show twenty results while posts come and go."""
    _, form, _ = re.findall(r"`@\{bot\} (.+?)`", read_words().welcome)
    async with demo(library) as (bot, url), visit(url, chromium) as newcomer:
        await newcomer.say(f"@Tutor {form}")
        answer = newcomer.messages.filter(has_text=headline("ask.lead.answer"))
        await expect(answer).to_have_count(1, timeout=ANSWER_MS)
        talking = asyncio.create_task(come_and_go(bot))
        results = newcomer.messages.filter(has_text=headline("ask.lead.verify"))
        spent_s: list[float] = []
        for number in range(20):
            began = time.perf_counter()
            await answer.get_by_role("button", name=words("ask.button.verify")).click()
            await expect(results).to_have_count(number + 1, timeout=5_000)
            spent_s.append(time.perf_counter() - began)
        talking.cancel()
        print(f"20 presses, 0 lost; from press to picture {statistics.median(spent_s) * 1000:.0f} ms (median)")


async def test_enter_waits_for_a_busy_page(chromium: str, library: Settings) -> None:
    """An Enter while the page is still working is kept and sent, not lost."""
    async with demo(library) as (_, url), visit(url, chromium) as newcomer:
        held = asyncio.Event()

        async def hold(route: Route) -> None:
            await held.wait()
            await route.continue_()

        await newcomer.page.route("**/api/action", hold)
        await newcomer.page.set_viewport_size({"width": 900, "height": 700})  # the page tells the server so: an act
        await expect(newcomer.send).to_be_disabled()
        await newcomer.say("hello, all of you")
        held.set()
        await expect(newcomer.messages.filter(has_text="hello, all of you")).to_have_count(1)
        await expect(newcomer.composer).to_have_value("")


async def come_and_go(bot: TutorBot) -> None:
    """Post three times a second and take the last post away again, as a reminder that is done with."""
    channel = discord.utils.get(bot.get_all_channels(), name=read_words().channel)
    assert isinstance(channel, discord.TextChannel)
    while True:
        post = await channel.send("a late post")
        await asyncio.sleep(0.3)
        await post.delete()
