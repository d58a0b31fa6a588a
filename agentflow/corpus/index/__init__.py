"""Passages found by their words (SQLite FTS5, tantivy) and by their vectors (Chroma)."""
