"""Words, numbers and names of a text."""
