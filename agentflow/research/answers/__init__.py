"""The answer to one question: read by a model or told by form, tied to a sentence, believed or doubted."""
