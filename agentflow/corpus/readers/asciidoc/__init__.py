"""AsciiDoc: its reader, what a line of it can be, and its tables."""
