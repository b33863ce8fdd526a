"""Discord and people: how the library is asked, shown and looked after."""
