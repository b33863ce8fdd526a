"""Logs, metrics and health of the bot for its operator, without data about people."""
