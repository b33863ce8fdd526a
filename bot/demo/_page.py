"""The page of the demo: simcord's preview without its developer's tools, and with a choice of who is looking."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import simcord
from simcord.backend.access import can_access_message
from simcord.preview import Preview
from simcord.preview._server import PreviewServer

from bot.demo._words import DemoWords
from bot.demo._world import LiveEnv, Scene, Seat
from bot.errors import BotError

if TYPE_CHECKING:
    from simcord.preview._pages import _Page

# Hides the developer's tools (manual publishing, message ids, capture, inspector), shows the choice of who is looking
# in the toolbar, and widens the options of slash commands for whole questions.
_STYLE = """
#messages-toggle, #messages-sidebar, #drawer-scrim, #refresh, #capture-open, #inspector-toggle,
#inspector-panel, .session-menu, #back-activity, #view-action-output { display: none !important; }
#preview-workspace { display: block; }
#preview-stage { height: 100%; }
.viewer-control { margin-left: 16px; }
#viewer-picker { width: auto; max-width: none; padding-right: 28px; }
#action-status { margin-left: auto; }
.channel-message:last-child { padding-bottom: 16px; }
#channel-composer-input:focus-visible { outline: none; }
#channel-composer:focus-within { outline: 2px solid var(--discord-focus); }
.command-pill { max-width: 100%; }
.command-option-input { width: auto !important; min-width: 12ch; max-width: 70ch; field-sizing: content; }
@media (max-width: 760px) {
  .preview-shell { --toolbar-height: 52px; }
  #toolbar { flex-wrap: nowrap; }
  #action-status { display: none; }
  .command-option-input { max-width: 44vw; }
  .viewer-control { flex: 1 1 auto; min-width: 0; }
  #viewer-picker { flex: 1 1 auto; min-width: 0; }
}
"""

# The page handles one action at a time and ignores Enter meanwhile. This repeats the Enter when the page is ready.
_SCRIPT = """
document.addEventListener("keydown", (event) => {
  const send = document.getElementById("send-message");
  const typed = event.target instanceof Element && event.target.closest("#channel-composer");
  if (!typed || event.key !== "Enter" || event.shiftKey || event.isComposing || !send.disabled) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target } = event;
  const watch = new MutationObserver(() => {
    if (send.disabled) return;
    watch.disconnect();
    target.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  });
  watch.observe(send, { attributeFilter: ["disabled"] });
  setTimeout(() => watch.disconnect(), 10000);
}, true);
"""


class DemoError(BotError):
    """The demo cannot start; the message is one sentence for people that says what to do."""


class DemoServer(PreviewServer):
    """Serves the preview's files with the developer's tools hidden and our texts in place of its own."""

    def __init__(self, preview: Preview, port: int, words: DemoWords) -> None:
        super().__init__(preview, port)
        self._words = words

    async def start(self) -> None:
        """Start the server; raises DemoError when the port is taken."""
        try:
            await super().start()
        except simcord.SetupError as error:
            raise DemoError(self._words.busy.format(port=self._requested_port)) from error

    async def _static(self, request: Any) -> Any:
        response = await super()._static(request)
        if request.path == "/preview.css":
            response.text += _STYLE
        elif request.path in {"/", "/actions.js", "/app.js"}:
            for theirs, ours in self._words.page.items():
                response.text = response.text.replace(theirs, ours)
            if request.path == "/app.js":
                response.text += _SCRIPT
        return response


class DemoPreview(Preview):
    """A preview that follows the newest message, has private chats, and accepts clicks on older revisions.

    Simcord publishes numbered revisions and refuses a click on an older one. In the demo messages appear at any time,
    so a click is applied to the current revision: actions and publications share one lock. The target of the click
    (message, control, viewer) is still checked.
    """

    _PAGE_LEASE_SECONDS: ClassVar[float] = 7 * 24 * 3600.0  # a laptop may sleep over the weekend

    def __init__(self, env: LiveEnv, scene: Scene, words: DemoWords, *, port: int) -> None:
        super().__init__(
            env,
            scene.channel,
            tuple(seat.viewer for seat in scene.seats),
            layout="channel",
            display="responsive",
            width=960,
            height=720,
            locale="en-US",
            timezone=_local_timezone(),
            presentation_time=None,
            assets=scene.pictures,
            port=port,
        )
        self.turn = asyncio.Lock()
        self._home = scene.channel
        self._seats = scene.seats
        self._mentions = scene.mentions
        self._typed_mention = re.compile(
            r"(?<![\w<])@(" + "|".join(map(re.escape, scene.mentions)) + r")\b", re.IGNORECASE
        )
        self._server = DemoServer(self, port, words)

    def publish_everywhere(self) -> None:
        """Publish the current state to every open page; the caller holds `turn`."""
        self._advance_presentation_time()
        self._publish_message_pages(reason="refresh")

    async def _action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self.turn:
            page = self._pages.get(context_id or "")
            if page is None or not isinstance(body, Mapping):
                return await super()._action(context_id, body)
            body = dict(body)
            if isinstance(seen := body.get("published_revision"), int) and seen < page.revision:
                body["published_revision"] = page.revision
            if isinstance(content := body.get("content"), str):
                body["content"] = self._typed_mention.sub(lambda m: self._mentions[m[1].lower()], content)
            # The preview is made for one channel and reads the place of an action from this attribute.
            self.channel = self._seat(page).channel
            try:
                return await super()._action(context_id, body)
            finally:
                self.channel = self._home

    def _publish(self, page: _Page, *, reason: Any = "action") -> None:
        if page is self._python and self._active:
            return  # simcord's page for scripts, which nobody sees; publishing is the main cost
        page.channel_id = self._seat(page).channel.id
        # A page that shows older history has a window's end without a target; other pages follow the newest message.
        if page.window_end_id is None or page.target_id is not None:
            page.window_end_id = None
            page.target_id = self._newest(page)
        super()._publish(page, reason=reason)

    def _page_payload(self, page: _Page) -> dict[str, Any]:
        payload = super()._page_payload(page)
        payload["viewers"] = [{"id": seat.key, "name": seat.label} for seat in self._seats]
        payload["viewerId"] = self._seat(page).key
        return payload

    def _viewer(self, viewer_id: Any) -> Any:
        for seat in self._seats:
            if seat.key == viewer_id:
                return seat.viewer
        raise simcord.SetupError("nobody of that name to look through")

    def _open_page(self, viewer_id: Any = None, target_id: Any = None) -> _Page:
        pages = [page for page in self._pages.values() if page is not self._python]
        if len(pages) >= self._MAX_PAGES:
            self._close_page(min(pages, key=lambda page: page.last_activity).id)
        # May be called during the action of another page, which has changed the channel.
        borrowed, self.channel = self.channel, self._home
        try:
            return super()._open_page(viewer_id, target_id)
        finally:
            self.channel = borrowed

    def _seat(self, page: _Page) -> Seat:
        return next(seat for seat in self._seats if seat.viewer is page.viewer)

    def _newest(self, page: _Page) -> int | None:
        messages = self.env.backend.messages.get(page.channel_id, {})
        return max(
            (
                message.id
                for message in messages.values()
                if can_access_message(self.env, page.channel_id, message, page.viewer, history=True)
            ),
            default=None,
        )


def _local_timezone() -> str:
    """Return the IANA name of this machine's time zone; UTC when it is unknown."""
    named = os.environ.get("TZ", "").lstrip(":")
    linked = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    for name in filter(None, (named, linked)):
        with suppress(KeyError, ValueError, OSError):  # an unknown zone raises KeyError
            return ZoneInfo(name).key
    return "UTC"
