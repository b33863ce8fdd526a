"""Build, change, administer and read libraries: the shared one and those of servers."""
