"""A question becomes an Answer: question parsing, follow-ups, ranking, selection of quotes, outcome."""
