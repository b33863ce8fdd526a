"""The async answering engine: batches questions and answers them off the event loop."""
