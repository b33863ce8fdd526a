"""Drafts quiz items about any documents, for a maintainer to read and approve; pure, and without a language model."""

from bot.quiz.drafting.draft import draft
from bot.quiz.drafting.drafts import Draft, TooLittle, as_json, as_yaml
from bot.quiz.drafting.salience import main_places

__all__ = ["Draft", "TooLittle", "as_json", "as_yaml", "draft", "main_places"]
