"""What a message is (small talk or a question) and what the same person asked before."""
