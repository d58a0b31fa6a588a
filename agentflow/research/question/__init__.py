"""What is asked: its parts, its kind, what an earlier question leaves out of it."""
