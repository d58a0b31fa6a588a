"""What is known from earlier runs, and what a person says of it, in words."""

from typing import Any, TypedDict

from agentflow.research.report_schema import Known


class Recalled(TypedDict):
    """What a run takes from earlier ones. `use` and `basis` are Findings' `knowledge` and `basis`. `output`: the whole answer,
    where it is known. `known`: ids of claims to read again, `chunks` the passages that hold their quotes."""

    use: str
    basis: str
    output: dict[str, Any] | None
    known: list[str]
    chunks: list[int]


def about_known(known: Known | None) -> list[str]:
    """`known` is a claim's in a report."""
    if not known:
        return []
    told = [
        f"known from run {known.run} of {known.date}" if known.recalled else "",
        f"corrected by a person on {known.said}: {known.correction}" if known.correction else "",
        f"retracted by a person on {known.said}: {known.retracted}" if known.retracted else "",
        f"note: {known.note}" if known.note else "",
    ]
    return [part for part in told if part]
