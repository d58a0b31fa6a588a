"""Questions and workflows that are run again: when they are due, what is new since, and who is told."""
