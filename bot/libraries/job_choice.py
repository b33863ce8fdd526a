"""Chooses where builds run: in this process, or by workers when there are a database server and a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.libraries.jobs import JobRunner
from bot.observability.events import Observe, unobserved

if TYPE_CHECKING:
    from bot.settings import Settings


def job_runner_of(settings: Settings, observe: Observe = unobserved) -> JobRunner:
    """Return what runs builds; workers need a database for the queue and a bucket for the files."""
    if settings.database is None or settings.bucket is None:
        return JobRunner(settings, observe)
    from bot.libraries.queued_jobs import queued_jobs  # needs the extra `cluster`

    return queued_jobs(settings, observe)
