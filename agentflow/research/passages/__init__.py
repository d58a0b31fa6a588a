"""What a model is shown: numbered sentences of passages, how near each is to the question, what belongs to it."""
