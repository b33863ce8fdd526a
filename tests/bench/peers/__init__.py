"""Compares the tutor's ranking with that of known frameworks; their recipes run in an environment of their own."""
