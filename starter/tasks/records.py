"""Made-up records, "Label: value" lines of named things, and questions on them in several wordings.

Labels, wordings, names and values are general (books, packages, devices, files of an archive); no real document is meant.
"""

import random
from typing import NamedTuple

from starter import corpus

# label forms, value kind, wordings; {e} is the thing asked about
FIELDS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (
        ("Author", "Authors", "Written by", "Writer"),
        "people",
        (
            "Whose work is {e}?",
            "By whom was {e} written?",
            "Name the author of {e}.",
            "Who are the authors of {e}?",
            "{e}: who is the writer?",
        ),
    ),
    (("Editor", "Edited-By"), "person", ("Who edited {e}?", "Who is the editor of {e}?", "Name of the editor of {e}?")),
    (
        ("Owner", "Maintainer", "Responsible", "Contact"),
        "person",
        ("Who maintains {e}?", "Who is responsible for {e}?", "Who owns {e}?", "Who should be contacted about {e}?"),
    ),
    (("Director", "Directed by"), "person", ("Who directed {e}?", "Who was the director of {e}?")),
    (("Sponsor", "Funded-By"), "person", ("Who sponsored {e}?", "Who paid for {e}?", "Who is the sponsor of {e}?")),
    (
        ("Reviewer", "Approved-By", "Delegate"),
        "person",
        ("Who reviewed {e}?", "Who approved {e}?", "Who had to decide on {e}?"),
    ),
    (
        ("Status", "State"),
        "state",
        (
            "Which status has {e}?",
            "How far along is {e}?",
            "Is {e} finished?",
            "Where does {e} stand now?",
            "Current state of {e}?",
        ),
    ),
    (
        ("Type", "Kind", "Category", "Class"),
        "kind",
        ("What type is {e}?", "What kind of thing is {e}?", "Which category does {e} belong to?"),
    ),
    (
        ("Created", "Date", "Opened", "Started", "Written-On"),
        "date",
        (
            "When was {e} started?",
            "When did work on {e} begin?",
            "On which day did {e} begin?",
            "Date of {e}?",
            "What date does {e} carry?",
            "When was {e} first written?",
            "From when is {e}?",
        ),
    ),
    (
        ("Updated", "Last-Modified", "Changed"),
        "date",
        ("When was {e} last changed?", "When was {e} updated?", "What is the date of the last change of {e}?"),
    ),
    (
        ("Published", "Released", "Release-Date", "Issued"),
        "date",
        (
            "When was {e} published?",
            "When did {e} come out?",
            "What is the release date of {e}?",
            "When was {e} issued?",
        ),
    ),
    (
        ("Closed", "Ended", "Decision-Date", "Approved-On"),
        "date",
        ("When was {e} closed?", "When did {e} end?", "When was {e} decided?"),
    ),
    (
        ("Decision", "Outcome", "Resolution", "Verdict"),
        "note",
        (
            "How was {e} decided?",
            "What was the outcome of {e}?",
            "Where is the decision on {e} recorded?",
            "Where can the decision about {e} be read?",
            "What was decided about {e}?",
            "Where was {e} settled?",
        ),
    ),
    (
        ("Discussion", "Thread", "Discussions-To", "Forum"),
        "note",
        ("Where is {e} discussed?", "Where can one talk about {e}?", "Where did the discussion of {e} take place?"),
    ),
    (
        ("Version", "Edition", "Revision"),
        "version",
        ("Which version is {e}?", "What is the version of {e}?", "Which edition of {e} is this?"),
    ),
    (
        ("Platform-Version", "Target", "Runs-On", "Engine-Version", "Target-Release", "Language-Version"),
        "version",
        (
            "Which version does {e} need?",
            "For which release is {e} meant?",
            "Which release does {e} target?",
            "What version of the platform is {e} for?",
            "In which release will {e} appear?",
            "Which language version is {e} aimed at?",
        ),
    ),
    (
        ("Requires", "Depends-On", "Needs", "Prerequisites"),
        "things",
        (
            "What does {e} require?",
            "What does {e} depend on?",
            "Which others are needed for {e}?",
            "What must come before {e}?",
            "On what does {e} build?",
        ),
    ),
    (
        ("Replaces", "Supersedes", "Obsoletes"),
        "things",
        (
            "What does {e} replace?",
            "What did {e} supersede?",
            "Which one was made obsolete by {e}?",
            "{e} takes the place of what?",
            "What came before {e} and is replaced by it?",
        ),
    ),
    (
        ("Replaced-By", "Superseded-By", "Obsoleted-By", "Successor"),
        "things",
        (
            "What replaced {e}?",
            "What supersedes {e}?",
            "Which one is the successor of {e}?",
            "By what was {e} replaced?",
            "What made {e} obsolete?",
            "What should be used instead of {e}?",
        ),
    ),
    (("Related", "See-Also"), "things", ("What is related to {e}?", "What else should be seen with {e}?")),
    (
        ("License", "Licence", "Terms"),
        "license",
        ("Under which licence is {e}?", "What are the terms of {e}?", "How is {e} licensed?"),
    ),
    (
        ("Price", "Cost", "Fee"),
        "money",
        ("How much does {e} cost?", "What is the price of {e}?", "What fee is asked for {e}?"),
    ),
    (
        ("Length", "Height", "Width", "Distance"),
        "length",
        ("How long is {e}?", "What are the measurements of {e}?", "How big is {e}?"),
    ),
    (("Weight", "Mass"), "weight", ("How heavy is {e}?", "What does {e} weigh?")),
    (
        ("Population", "Members", "Employees", "Seats"),
        "count",
        ("How many people belong to {e}?", "How many are in {e}?", "What is the size of {e}?"),
    ),
    (("Pages", "Chapters", "Entries"), "count", ("How many pages has {e}?", "How long is the text of {e}?")),
    (
        ("Location", "Place", "City", "Address", "Venue"),
        "place",
        ("Where is {e}?", "In which place is {e}?", "Where can {e} be found?", "Where does {e} take place?"),
    ),
    (("Country", "Region"), "place", ("Which country is {e} in?", "Which region does {e} belong to?")),
    (("Language", "Written-In"), "language", ("In which language is {e}?", "What language does {e} use?")),
    (("Format", "Content-Type", "Medium"), "format", ("Which format does {e} have?", "In what format is {e}?")),
    (("Priority", "Severity"), "level", ("How urgent is {e}?", "What priority has {e}?")),
    (
        ("Topic", "Subject", "Keywords"),
        "topic",
        ("What is {e} about?", "What is the topic of {e}?", "Which subject does {e} treat?"),
    ),
    (("Title", "Name"), "title", ("What is the title of {e}?", "What is {e} called?", "Name of {e}?")),
    (("Temperature", "Boiling-Point"), "degrees", ("How hot is {e}?", "At what temperature is {e}?")),
    (("Capacity", "Memory", "Size"), "size", ("What is the capacity of {e}?", "How much does {e} hold?")),
    (("Color", "Colour", "Material"), "color", ("What colour is {e}?", "What is {e} made of?")),
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
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


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
    lines = {i: ((labels or {}).get(i) or rng.choice(FIELDS[i][0]), value(FIELDS[i][1], prefix, rng)) for i in chosen}
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
    text = rng.choice(FIELDS[field][2]).format(e=mention(thing, rng))
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
