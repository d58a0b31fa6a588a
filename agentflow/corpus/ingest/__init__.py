"""Files into the corpus, and kept in step with their folders."""
