"""The store: a SQLite file or a PostgreSQL database, read and changed by named functions."""
