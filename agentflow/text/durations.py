"""Spans of time in their units: 48 hours and three days are of one kind, 48 hours and two days the same."""

from agentflow.text.numbers import in_digits
from agentflow.text.words import words

HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1, "day": 24, "week": 168, "month": 730, "quarter": 2190, "year": 8760}  # fmt: skip
HOURS |= {"stunde": 1, "tag": 24, "woche": 168, "monat": 730, "jahr": 8760}
HOURS |= {"h": 1, "hr": 1, "min": 1 / 60, "sec": 1 / 3600, "wk": 168, "yr": 8760, "std": 1}
HOURS |= {"heure": 1, "jour": 24, "semaine": 168, "mois": 730, "année": 8760}
ENDINGS = ("", "s", "n", "e", "en", "es", "'s")  # of a plural or a genitive; `monthly` is no unit


def unit_hours(word: str) -> float:
    """How many hours a unit has, in singular or plural; 0 for another word."""
    units = (word.removesuffix(end) for end in ENDINGS)
    return next((HOURS[unit] for unit in units if unit in HOURS), 0.0)


def duration(text: str) -> float:
    """Hours of the first number that a unit of time follows, a word between them at most (`three working days`); else 0."""
    told = words(in_digits(text))
    for place, word in enumerate(told):
        if word.replace(".", "", 1).isdigit():
            for unit in told[place + 1 : place + 3]:
                if hours := unit_hours(unit):
                    return float(word) * hours
    return 0.0
