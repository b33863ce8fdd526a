"""A run of the bot for test_network.py: a process of its own that asks, plays and rebuilds, and prints what it says."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import discord
import simcord

from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.libraries.jobs import JobRunner
from bot.libraries.opening import open_library
from bot.settings import Settings
from tests.bot.conftest import labels, texts

QUESTION = "What is the metaverse's leading technology according to the author?"


async def run(data: Path) -> dict[str, object]:
    """Start, ask, play one question and rebuild, as people do it in Discord."""
    settings = Settings(_env_file=None, data=data)
    library = open_library(settings)  # before the simulation, which waits five seconds at most for a start
    bot = TutorBot(settings, AnsweringEngine(settings, load=lambda: library))
    env = simcord.Env(bot, shard_count=1)
    env.settle_timeout = 300
    work = JobRunner.work

    async def waited(self: JobRunner, *given: object) -> object:
        return await env.external_wait(work(self, *given), reason="a build")  # type: ignore[arg-type]

    JobRunner.work = waited  # type: ignore[method-assign,assignment]
    await env.start()
    guild = env.create_guild()
    channel = guild.create_text_channel("library")
    keepers = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    grace = guild.add_member(env.create_user("grace"), roles=[keepers])
    try:
        asked = await grace.slash(channel, "ask", question=QUESTION)
        quiz = await grace.slash(channel, "quiz start", number=1)
        assert quiz.response is not None
        await grace.click(quiz.response, label=labels(quiz.response)[0])
        rebuilt = await grace.slash(channel, "library rebuild")
        shown = {"asked": texts(asked.response), "quiz": texts(quiz.response), "rebuilt": texts(rebuilt.response)}
    finally:
        await bot.close()
        await env.shutdown()
    from huggingface_hub import constants

    return {**shown, "offline": constants.HF_HUB_OFFLINE}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Path(sys.argv[1])))))
