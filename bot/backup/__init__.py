"""Everything that a bot would miss on another machine, in one file that proves itself."""
