"""Faults on purpose, for development: the parts of a distributed run are delayed, cut off, stopped and killed by a plan."""
