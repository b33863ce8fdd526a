"""What a person does in Discord, as the gateway tells a bot of it."""

from __future__ import annotations

from typing import Any

from tests.gateway.interactions import Interaction
from tests.gateway.server import Server
from tests.gateway.world import EVERYTHING, Json, Person, parts, snowflake

_SUBCOMMAND, _FILE = 1, 11
_LABEL = 18


class Actor:
    """One person in front of one of the server's channels."""

    def __init__(self, server: Server, name: str = "alice", *, channel: int = 0, guild: str | None = None) -> None:
        """Take the number of a channel of the server, or another server."""
        self.person = Person(name)
        self.guild = guild or server.world.guild
        self.channel = server.world.channels[channel] if guild is None else server.world.more_guilds[guild]
        self._server = server
        self._world = server.world

    async def says(self, text: str, *, mention: bool = True) -> Json:
        """Write a message, to the bot if it is mentioned."""
        world = self._world
        member = world.member(world.bot_user)
        message = world.write(
            self.channel,
            self.person.user,
            f"<@{world.bot}> {text}" if mention else text,
            mentions=[world.bot_user | {"member": {key: member[key] for key in member if key != "user"}}] * mention,
        )
        member = {key: value for key, value in world.member(self.person.user).items() if key != "user"}
        await self._server.gateway.dispatch("MESSAGE_CREATE", message | {"guild_id": self.guild, "member": member})
        return message

    async def whispers(self, text: str) -> Json:
        """Write a direct message to the bot."""
        message = self._world.write(self._world.direct, self.person.user, text)
        await self._server.gateway.dispatch("MESSAGE_CREATE", message)
        return message

    async def slash(self, name: str, **options: Any) -> Interaction:
        """Use a command, such as "quiz start"; the options have to be among the registered ones."""
        return await self._interacts(2, self._command(name, options))

    async def types(self, name: str, option: str, typed: str) -> Interaction:
        """Type into an option that suggests something."""
        data = self._command(name, {option: typed})
        inner = data["options"][0] if data["options"][0]["type"] == _SUBCOMMAND else data
        inner["options"][0]["focused"] = True
        return await self._interacts(4, data)

    async def chooses(self, menu: str, message: Json) -> Interaction:
        """Use a command of a message's menu."""
        command = self._server.commands[menu]
        data = {"id": command["id"], "name": menu, "type": 3, "target_id": message["id"]}
        return await self._interacts(2, data | {"resolved": {"messages": {message["id"]: message}}})

    async def presses(self, message: Json, label: str) -> Interaction:
        """Press the button of a message that has this label."""
        button = next(each for each in parts(message["components"]) if each.get("label") == label)
        assert not button.get("disabled"), f"{label} cannot be pressed"
        data = {"component_type": 2, "custom_id": button["custom_id"], "id": button["id"]}
        return await self._interacts(3, data, message=message)

    async def submits(self, form: Interaction, *written: str) -> Interaction:
        """Send a form back, with these texts in its fields from top to bottom."""
        assert form.modal is not None
        texts = iter(written)
        filled = []
        for number, each in enumerate(form.modal["components"], 1):
            assert each["type"] == _LABEL
            field = {"type": 4, "id": 100 + number, "custom_id": each["component"]["custom_id"], "value": next(texts)}
            filled.append({"type": _LABEL, "id": number, "component": field})
        data = {"custom_id": form.modal["custom_id"], "components": filled}
        pressed = form.body.get("message")
        return await self._interacts(5, data, **({"message": pressed} if pressed else {}))

    def attaches(self, name: str, data: bytes) -> Json:
        """Upload a file and give its body, to be used as an option's value."""
        id, size = snowflake(), len(data)
        path = f"attachments/{id}/{name}"
        self._world.files[path] = data
        url = f"{self._server.address}/files/{path}"
        return {"id": id, "filename": name, "size": size, "url": url, "proxy_url": url, "content_type": "text/plain"}

    def _command(self, name: str, options: dict[str, Any]) -> Json:
        first, *rest = name.split()
        command = self._server.commands[first]
        found = command
        for part in rest:
            found = next(each for each in found["options"] if each["name"] == part)
        kinds = {each["name"]: each["type"] for each in found["options"]}
        files = {each["id"]: each for each in options.values() if isinstance(each, dict)}
        given = [
            {"name": key, "type": kinds[key], "value": value["id"] if kinds[key] == _FILE else value}
            for key, value in options.items()
        ]
        data: Json = {"id": command["id"], "name": first, "type": 1}
        data["options"] = [{"name": rest[0], "type": _SUBCOMMAND, "options": given}] if rest else given
        return data | ({"resolved": {"attachments": files}} if files else {})

    async def _interacts(self, kind: int, data: Json, **more: Any) -> Interaction:
        world = self._world
        body = {
            "id": snowflake(), "application_id": world.application, "type": kind, "data": data, "version": 1,
            "token": f"interaction-token-{snowflake()}", "guild_id": self.guild, "channel_id": self.channel,
            "guild": {"id": self.guild, "locale": "en-US", "features": []}, "guild_locale": "en-US",
            "channel": world.channel_body(self.channel, self.guild), "locale": "en-US",
            "member": world.member(self.person.user),
            "app_permissions": EVERYTHING, "entitlements": [], "context": 0, "attachment_size_limit": 10 * 2**20,
            "authorizing_integration_owners": {"0": self.guild},
        } | more  # fmt: skip
        begun = self._server.desk.begin(body)
        await self._server.gateway.dispatch("INTERACTION_CREATE", body)
        return begun
