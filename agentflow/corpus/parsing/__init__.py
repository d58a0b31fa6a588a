"""A file's bytes to its text, passages and sentences, each with its place."""
