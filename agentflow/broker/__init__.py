"""A message broker beside a project: requests come in through it, the events of runs go out. It never holds the truth."""
