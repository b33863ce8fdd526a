"""Layouts and buttons with which maintainers review drafted quiz questions."""
