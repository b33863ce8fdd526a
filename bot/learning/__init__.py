"""Async services over the quiz engine and the store: the deck, sessions, rounds, progress, drafts, moderation."""
