"""Answers from rows: a cell, the rows with what is asked for, and what is counted, summed up or compared over them."""
