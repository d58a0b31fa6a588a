"""Text to tokens and back: vocabulary, chat template, grammar, parsers of output."""
