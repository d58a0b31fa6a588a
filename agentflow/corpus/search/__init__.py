"""A question to the passages nearest to it."""
