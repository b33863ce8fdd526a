"""Layouts, menus and buttons with which maintainers review a planned lesson."""
