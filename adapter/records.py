"""Made-up records, "Label: value" lines of named things, and questions on them in several wordings.

Labels, wordings, names and values are general (books, packages, devices, files of an archive); no real document is meant.
"""

import calendar
import random
from pathlib import Path
from typing import NamedTuple

import yaml

from adapter import corpus


class Field(NamedTuple):
    labels: tuple[str, ...]
    value: str
    asked: tuple[str, ...]  # {e} is the thing asked about


FIELDS = tuple(
    Field(tuple(field["labels"]), field["value"], tuple(field["asked"]))
    for field in yaml.safe_load(Path(__file__).with_name("fields.yaml").read_text("utf-8"))
)
STATES = ("Open", "Closed", "Draft", "Final", "Active", "Rejected", "Accepted", "Withdrawn", "In progress", "Done", "Deferred", "Planned", "Retired", "Approved", "Pending", "Provisional", "Superseded", "Cancelled", "Stable", "Blocked")  # fmt: skip
CHOICES = {
    "state": STATES,
    "kind": ("Report", "Standard", "Process", "Informational", "Manual", "Letter", "Proposal", "Guide", "Bug", "Feature", "Experiment", "Policy", "Survey", "Novel", "Tool", "Review"),
    "license": ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0", "CC BY 4.0", "CC0", "Public domain", "Proprietary"),
    "language": ("English", "French", "German", "Spanish", "Python", "Rust", "C++", "Latin", "Arabic", "Japanese", "Portuguese", "Go", "Fortran"),
    "format": ("text/plain", "text/html", "PDF", "Markdown", "CSV", "JSON", "Paperback", "Film", "Audio", "text/x-rst"),
    "level": ("High", "Low", "Medium", "Critical", "Minor", "Major", "Normal"),
    "color": ("red", "dark blue", "steel", "oak", "green", "white", "black", "copper", "glass"),
}  # fmt: skip
PREFIXES = ("Report", "Order", "Ticket", "RFC", "Standard", "Note", "Chapter", "Issue", "Project", "Case", "Memo", "Act", "ADR", "Task", "Paper", "Rule", "Item", "File", "Plan", "Bulletin", "Spec", "Proposal", "DEP", "REP", "JEP", "GEP")  # fmt: skip
MONTHS = calendar.month_name[1:]


class Record(NamedTuple):
    """`number` is "" for things that have a title only. `lines`: field index -> (label, value)."""

    prefix: str
    number: str
    title: str
    lines: dict[int, tuple[str, str]]

    @property
    def source(self) -> str:
        return f"{self.prefix} {self.number} – {self.title}" if self.number else self.title


def record(rng: random.Random, prefix: str | None = None, labels: dict[int, str] | None = None) -> Record:
    """`prefix` "" gives a thing without a number; `labels` keeps the labels of a sibling record."""
    prefix = rng.choice(PREFIXES) if prefix is None else prefix
    number = str(rng.choice((rng.randint(1, 99), rng.randint(100, 999), rng.randint(1000, 9999)))) if prefix else ""
    chosen = sorted(labels) if labels else sorted(rng.sample(range(len(FIELDS)), rng.randint(3, 9)))
    lines = {
        i: ((labels or {}).get(i) or rng.choice(FIELDS[i].labels), value(FIELDS[i].value, prefix, rng)) for i in chosen
    }
    return Record(prefix, number, corpus.title(rng, 1, 5), lines)


def line(label: str, text: str) -> str:
    return f"{label}: {text}"


def mention(thing: Record, rng: random.Random) -> str:
    """How a question names the thing: by number, by number and title, by title."""
    if not thing.number:
        return rng.choice((thing.title, f'"{thing.title}"', f"“{thing.title}”"))
    short = f"{thing.prefix} {thing.number}"
    return rng.choice(
        (short, short, short, f"{short} ({thing.title})", f"{short} – {thing.title}", f'{short}, "{thing.title}",', thing.title,
         f'"{thing.title}"', f"the {thing.prefix.lower()} “{thing.title}”", f"the {thing.prefix} titled {thing.title}")
    )  # fmt: skip


def question(field: int, thing: Record, rng: random.Random) -> str:
    text = rng.choice(FIELDS[field].asked).format(e=mention(thing, rng))
    return text[0].upper() + text[1:]


def date(rng: random.Random) -> str:
    year, month, day = rng.randint(1950, 2026), rng.randint(1, 12), rng.randint(1, 28)
    name = MONTHS[month - 1]
    return rng.choice(
        (
            f"{day:02d}-{name[:3]}-{year}",
            f"{year}-{month:02d}-{day:02d}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{name} {year}",
        )
    )


def value(kind: str, prefix: str, rng: random.Random) -> str:
    """A made-up value; references to other things take the record's own prefix."""
    if kind in CHOICES:
        return rng.choice(CHOICES[kind])
    person = rng.choice(corpus.people())
    match kind:
        case "person":
            return rng.choice((person, person, f"{person} <{person.split()[-1].lower()}@example.org>"))
        case "people":
            return ", ".join(rng.sample(corpus.people(), rng.choice((1, 1, 1, 2, 3))))
        case "date":
            return date(rng)
        case "note":
            place = rng.choice(
                (
                    "Minutes of",
                    "Accepted in the meeting of",
                    "Mail to the council,",
                    "https://lists.example.org/archive/",
                )
            )
            return (
                f"{place}{corpus.title(rng, 1, 2).lower().replace(' ', '-')}"
                if "//" in place
                else f"{place} {date(rng)}"
            )
        case "version":
            return f"{rng.randint(0, 12)}.{rng.randint(0, 20)}" + rng.choice(("", "", f".{rng.randint(0, 9)}"))
        case "things":
            numbers = sorted(rng.randint(1, 9999) for _ in range(rng.choice((1, 1, 2, 3))))
            plain = not prefix or rng.random() < 0.5
            return ", ".join(
                str(n) if plain and prefix else f"{prefix} {n}" if prefix else corpus.title(rng, 1, 3) for n in numbers
            )
        case "money":
            return f"{rng.choice('$€£')}{rng.randint(1, 9000):,}"
        case "length":
            return f"{rng.randint(1, 900)} {rng.choice(('m', 'km', 'cm', 'feet', 'miles'))}"
        case "weight":
            return f"{rng.randint(1, 900)} {rng.choice(('kg', 'g', 'tons', 'pounds'))}"
        case "count":
            return f"{rng.randint(2, 90000):,}"
        case "degrees":
            return f"{rng.randint(-40, 900)} °C"
        case "size":
            return f"{rng.randint(1, 900)} {rng.choice(('GB', 'MB', 'litres', 'units'))}"
        case "place":
            return rng.choice(PLACES)
        case _:
            return corpus.title(rng, 1, 4)


PLACES = ("Lisbon, Portugal", "Nairobi", "Geneva", "Osaka, Japan", "Quito", "Building 7, Room 12", "Tromsø", "New Delhi", "Toronto, Canada", "Accra", "Lyon", "Boston, Massachusetts", "Perth", "Riga", "Cairo", "Room 204", "Lima, Peru")  # fmt: skip
