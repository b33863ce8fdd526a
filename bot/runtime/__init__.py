"""The process: one instance for each data folder, signals, work in flight, HTTP patches."""
