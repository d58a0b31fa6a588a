"""Checks a parsed workflow before it runs: names, types, templates, paths."""
