"""Folders down to files: which are read, which are left out, and why."""
