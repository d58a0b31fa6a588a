"""The published contract of a report, its words, and what has become of its sources."""
