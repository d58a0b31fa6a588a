"""Where a claim was known from, and what a person says of it, in words."""

from collections.abc import Mapping
from typing import Any


def about_known(known: Mapping[str, Any] | None) -> list[str]:
    """`known` is a claim's in a report, as plain JSON."""
    if not known:
        return []
    told = [
        f"known from run {known['run']} of {known['date']}" if known["recalled"] else "",
        f"corrected by a person on {known['said']}: {known['correction']}" if known["correction"] else "",
        f"retracted by a person on {known['said']}: {known['retracted']}" if known["retracted"] else "",
        f"note: {known['note']}" if known["note"] else "",
    ]
    return [part for part in told if part]
