"""Pieces of the screens: each is given a view and draws it."""
