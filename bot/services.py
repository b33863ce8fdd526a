"""The services that the features use; built once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.conversation.recent import Conversations
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.digests import Digests
from bot.learning.drafting import Drafting
from bot.learning.drafts import Drafts
from bot.learning.lesson_drafts import LessonDrafts
from bot.learning.lesson_plans import LessonPlans
from bot.learning.lessons import Lessons
from bot.learning.moderation import Moderation
from bot.learning.progress import Leaderboard, LearnerProgress
from bot.learning.rounds import Rounds
from bot.learning.sessions import QuizSessions
from bot.libraries.admin import LibraryAdmin
from bot.libraries.job_choice import job_runner_of
from bot.libraries.jobs import JobRunner
from bot.libraries.preferences import ServerPreferences
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.storage import storage_of
from bot.libraries.unanswered import UnansweredQuestions
from bot.observability.events import EventBus
from bot.observability.latency import Acknowledgements
from bot.people.audit import LibraryAudit
from bot.people.memberships import Memberships
from bot.people.privacy import Memory, PersonalData
from bot.people.quotas import Quotas
from bot.runtime.in_flight import InFlight
from bot.runtime.shards import Layout
from bot.store.database import Store

if TYPE_CHECKING:
    from bot.answering.engine import AnsweringEngine
    from bot.settings import Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that features use. `now` returns the current time, aware UTC."""

    settings: Settings
    layout: Layout
    engine: AnsweringEngine
    now: Clock
    events: EventBus
    acknowledgements: Acknowledgements
    in_flight: InFlight
    store: Store
    conversations: Conversations
    quotas: Quotas
    preferences: ServerPreferences
    pseudonyms: Pseudonyms
    job_runner: JobRunner
    library_admin: LibraryAdmin
    memberships: Memberships
    unanswered: UnansweredQuestions
    approved: ApprovedItems
    deck: Deck
    drafting: Drafting
    drafts: Drafts
    quiz_sessions: QuizSessions
    lesson_plans: LessonPlans
    lesson_drafts: LessonDrafts
    lessons: Lessons
    rounds: Rounds
    leaderboard: Leaderboard
    progress: LearnerProgress
    moderation: Moderation
    digests: Digests
    personal_data: PersonalData


def build_services(settings: Settings, engine: AnsweringEngine, *, now: Clock) -> Services:
    """Build every service. Nothing is opened or started; `now` returns the current time, aware UTC."""
    events = EventBus()
    store = Store(settings.data, events, database=settings.database_address)

    # Memory of the running process
    conversations = Conversations(timedelta(minutes=settings.remember_minutes))
    quotas = Quotas(settings)

    # Servers and their libraries
    preferences = ServerPreferences(store)
    pseudonyms = Pseudonyms(store)
    storage = storage_of(settings)
    job_runner = job_runner_of(settings, events)
    library_admin = LibraryAdmin(settings, engine, job_runner, pseudonyms, now=now)
    unanswered = UnansweredQuestions(store, preferences, engine, now=now)

    # Quizzes
    approved = ApprovedItems(store)
    deck = Deck(engine, approved)
    rng = random.SystemRandom()
    quiz_sessions = QuizSessions(store, deck, engine, now=now, rng=rng, observe=events)
    lesson_plans = LessonPlans(store, deck, engine)
    moderation = Moderation(store, deck, now=now)

    # People: what is stored about them, and when it is deleted
    grace = timedelta(days=settings.server_grace_days)
    memories: dict[str, Memory] = {
        "questions": conversations,
        "done_lately": quotas,
        "not_answered_lately": unanswered,
    }
    personal_data = PersonalData(
        store,
        settings.data,
        LibraryAudit(settings.data, pseudonyms, storage),
        memories=memories,
        copies=[quiz_sessions.cache],
        now=now,
        pseudonyms=pseudonyms,
    )

    return Services(
        settings=settings,
        layout=Layout.of(settings),
        engine=engine,
        now=now,
        events=events,
        acknowledgements=Acknowledgements(events),
        in_flight=InFlight(),
        store=store,
        conversations=conversations,
        quotas=quotas,
        preferences=preferences,
        pseudonyms=pseudonyms,
        job_runner=job_runner,
        library_admin=library_admin,
        memberships=Memberships(
            store, settings.data, preferences, [approved, lesson_plans], grace=grace, now=now, storage=storage
        ),
        unanswered=unanswered,
        approved=approved,
        deck=deck,
        drafting=Drafting(store, deck, job_runner, storage, data=settings.data, now=now),
        drafts=Drafts(store, deck, approved, now=now),
        quiz_sessions=quiz_sessions,
        lesson_plans=lesson_plans,
        lesson_drafts=LessonDrafts(store, deck, lesson_plans, engine, now=now),
        lessons=Lessons(store, deck, lesson_plans, quiz_sessions.cache, now=now, rng=rng),
        rounds=Rounds(store, deck, now=now),
        leaderboard=Leaderboard(store, now=now),
        progress=LearnerProgress(store, deck, now=now),
        moderation=moderation,
        digests=Digests(store, moderation, now=now),
        personal_data=personal_data,
    )
