"""Names of authors as citations need them: by family and given name, in the terms of CSL-JSON."""

import re
from collections.abc import Mapping, Sequence

MAIL = re.compile(r"<[^>]{0,300}>|\([^)@]{0,100}@[^)]{0,200}\)|[^\s@]{1,64}@\S+")
BETWEEN = re.compile(r"\s*;\s*|\s+and\s+|\s*&\s*|\s+und\s+|\s+et\s+")
PARTICLES = {"van", "von", "de", "der", "den", "del", "della", "di", "da", "la", "le", "du", "ter", "zu"}
OFFICES = set(
    "office department ministry agency university institute institut school council committee commission association society"
    " foundation company corporation collaboration consortium group team project library museum bank union board bureau inc ltd gmbh ev e.v.".split()
)
INITIALS = re.compile(r"(?:[^\W\d_]\.[ -]?)+")
MOST = 4  # words of a person's name; a longer one is an organisation's


def names(text: str) -> list[dict[str, str]]:
    """`Ida van Hansen and J. Berg`, `Hansen, Ida; Berg, J.`, `Berg, J., Lund, K.`, `A One, B Two`: people by family and
    given name, organisations as they are."""
    text = " ".join(MAIL.sub("", text).split()).strip(" ,;")
    parts = [part for part in BETWEEN.split(text) if part]
    if len(parts) == 1 and text.count(",") and all(" " in part.strip() for part in text.split(",")):
        parts = [part.strip() for part in text.split(",")]
    return [name(one) for part in parts for one in _apart(part)]


def _apart(text: str) -> list[str]:
    """`Berg, J.` and `Lund, K.` of both in a row."""
    parts = [part.strip() for part in text.strip(" ,").split(",")]
    if len(parts) > 2 and len(parts) % 2 == 0 and all(map(INITIALS.fullmatch, parts[1::2])):
        return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return [text]


def name(text: str) -> dict[str, str]:
    """One author."""
    if "," in text:
        family, _, given = text.partition(",")
        return {"family": family.strip(), "given": given.strip()}
    words = text.split()
    office = any(word.lower().strip(".") in OFFICES for word in words)
    if (
        office
        or not 2 <= len(words) <= MOST
        or not all(word[0].isupper() or word.lower() in PARTICLES for word in words)
    ):
        return {"literal": text}
    start = next(
        (place for place, word in enumerate(words[:-1]) if place and word.lower() in PARTICLES), len(words) - 1
    )
    return {"family": " ".join(words[start:]), "given": " ".join(words[:start])}


def short_names(people: Sequence[Mapping[str, str]]) -> str:
    """`Berg`, `Berg and Lund`, `Berg et al.`"""
    shown = [each.get("family") or each.get("literal") or "" for each in people]
    return f"{shown[0]} et al." if len(shown) > 2 else " and ".join(filter(None, shown))
