"""Scholarly papers: what the public sources know of them, open PDFs, and records that reports cite them by."""
