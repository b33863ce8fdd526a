"""How `make test` shares the files among its workers: the longest first, so that none is alone at the end."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Seconds, roughly, beside another worker on two cores. A file that is not named here takes less than the last.
SECONDS = {
    "tests/bot/cli/test_ask.py": 100,
    "tests/gateway": 80,
    "tests/bot/runtime/test_network.py": 60,
    "tests/bot/demo/test_demo_browser.py": 60,
    "tests/index/models/test_backend.py": 40,
    "tests/gateway/test_shards.py": 30,
    "tests/bot/conversation/test_acts.py": 30,
    "tests/bot/libraries/test_queue.py": 30,
    "tests/bot/exts/test_library.py": 30,
    "tests/bot/cli/test_quiz.py": 25,
    "tests/bot/ui/test_forged_presses.py": 20,
    "tests/hostile/test_hostile.py": 20,
    "tests/bot/learning/test_kill.py": 15,
    "tests/bot/learning/test_community.py": 15,
    "tests/bot/learning/test_rounds.py": 15,
    "tests/bot/store/test_persons.py": 15,
    "tests/bot/backup/test_moments.py": 10,
    "tests/bot/exts/test_library_answers.py": 10,
    "tests/bot/quiz/test_grading.py": 10,
    "tests/deploy/test_install.py": 10,
    "tests/test_docs.py": 10,
}
_ONE_BOT = "tests/gateway"
_OWN_BOTS = "tests/gateway/test_shards.py"


def unit(nodeid: str) -> str:
    """Name what has to stay on one worker: a file, or the files that ask the same bot."""
    file = nodeid.split("::", 1)[0]
    return _ONE_BOT if file.startswith(f"{_ONE_BOT}/") and file != _OWN_BOTS else file


def longest_first(items: list[pytest.Item]) -> None:
    """Sort the tests by how long their unit takes; what is not named stays in its order, at the end."""
    items.sort(key=lambda item: -SECONDS.get(unit(item.nodeid), 0))


class LongestFirst(LoadFileScheduling):
    """Like `--dist loadfile`, in the order of the collection, and with units of several files."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False  # which would begin with the files of many tests
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
