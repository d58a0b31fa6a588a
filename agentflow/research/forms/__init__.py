"""Answers that the form of a document tells, without a model: a definition, a list, a cell, an instruction."""
