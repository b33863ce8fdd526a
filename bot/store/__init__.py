"""The store: one SQLite file with one writer, read and changed by named functions."""
