"""What the bot must not forget: one SQLite file behind named questions and changes, with one writer."""
