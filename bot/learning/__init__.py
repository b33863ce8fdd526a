"""The async doors from Discord to the quiz: the deck that can be asked now, people's sessions, public rounds."""
