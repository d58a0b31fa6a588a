"""The recipe of the small model that ships: data makers, tokenizer, training, export, evaluation. Not needed at run time."""
