"""What is known: documents read with offsets, cut into passages and sentences, kept in SQLite, searched both ways."""
