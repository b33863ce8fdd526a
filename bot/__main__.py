"""Lets `python -m bot` do what `tutor` does."""

from bot.cli import main

if __name__ == "__main__":
    main()
