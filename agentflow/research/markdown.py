"""Findings as Markdown: the answer, claims with numbered citations, exact quotes with their place, what was not found."""

import re

from agentflow.corpus.passage import Place
from agentflow.research.evidence import one_line
from agentflow.research.report_schema import Claim, Findings, Quote, Report
from agentflow.text.plain import plain

NOT_ENOUGH = "not enough evidence"
SINCE = {"same": "", "changed": " **the file has changed since it was read**", "gone": " **the file is gone**"}
UNREAD_SHOWN = 10
KINDS = {"document": "your documents", "web": "the web"}
MARKS = {"supported": "", "partial": " *(partly supported)*", "contradicted": " *(contradicted)*"}
_MARKUP = re.compile(r"[\\`*_\[\]<>#|!~&]")
_BLOCK = re.compile(r"^(\d{0,9})([-+.)](?=[ \t]|$)|=+$|:?-+:?$)")  # a list, a heading's underline, a table's second row


def render(report: Report) -> str:
    """One Markdown document; text of documents and models is escaped, so that it cannot act as markup."""
    parts = [f"# {inert(one_line(report.question))}", _follows(report), _answer(report)]
    parts += [_claims(report), _conflicts(report), _evidence(report), _not_found(report), _unread(report)]
    parts += [_notes(report)]
    return "\n\n".join([part for part in parts if part] + ["---", _footer(report)]) + "\n"


def inert(text: str) -> str:
    """Text that Markdown and a terminal show as it is: no markup, in a line or at its start, and nothing that acts."""
    lines = (_MARKUP.sub(r"\\\g<0>", line.strip(" \t")) for line in plain(text).split("\n"))
    return "\n".join(_BLOCK.sub(r"\1\\\2", line) for line in lines)


def code(text: str) -> str:
    """A code span that the text cannot leave."""
    shown = one_line(plain(text))
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _answer(report: Report) -> str:
    if report.status == "answered":
        return f"**{inert(one_line(report.answer))}**"
    if report.status == "insufficient":
        return f"**There is {NOT_ENOUGH} in the documents to answer this.**"
    return f"**The run {report.status}.** {inert(one_line(report.message))}"


def _follows(report: Report) -> str:
    """Which run a follow-up asks on about, and how its question was looked up where that is not as it was put."""
    if not (earlier := report.follows):
        return ""
    asked = "" if earlier.asked == report.question else f" Looked up as: {inert(earlier.asked)}"
    return f"*Follows run {inert(earlier.run)}: {inert(one_line(earlier.question))}*{asked}"


def _claims(report: Report) -> str:
    mixed = any(quote.url for quote in report.evidence)
    lines = [f"{number}. {_claim(claim, mixed=mixed)}" for number, claim in enumerate(report.claims, 1)]
    return "\n".join(["## Claims", "", *lines]) if lines else ""


def _claim(claim: Claim, *, mixed: bool) -> str:
    """`mixed`: the report has sources of the web, so each claim tells of which kind its own are."""
    citations = "".join(f"[{number}]" for number in claim.evidence)
    kinds = f" ({' and '.join(KINDS[kind] for kind in claim.sources)})" if mixed and claim.sources else ""
    return f"{inert(one_line(claim.text))} {citations}{kinds}{MARKS.get(claim.support, '')}"


def _evidence(report: Report) -> str:
    return "\n\n".join(["## Evidence", *(_quote(quote) for quote in report.evidence)]) if report.evidence else ""


def _quote(quote: Quote) -> str:
    lines = [inert(line.strip()) for line in quote.quote.splitlines() if line.strip()]
    place = f"{quote.path}, page {quote.page}" if quote.page else str(Place(quote.path, quote.line, part=quote.part))
    about = ", ".join(part for part in (inert(one_line(quote.source)), quote.date) if part)
    if quote.url:
        kept = f"retrieved {quote.retrieved[:10]}, copy: {code(place)}"
        head = f"[{quote.id}] {code(quote.url)} ({about}; {kept})"
    else:
        head = f"[{quote.id}] {code(place)} ({about})"
    return "\n".join([f"{head}{SINCE[quote.file]}", "", *(f"> {line}" for line in lines)])


def _conflicts(report: Report) -> str:
    if not report.conflicts:
        return ""
    quotes = {quote.id: quote for quote in report.evidence}
    rows = ["## Contradicting sources", "", "| one source says | another says |", "|---|---|"]
    for conflict in report.conflicts:
        claim = report.claims[conflict.claim]
        sides = ([quotes[number] for number in claim.evidence], [quotes[conflict.evidence]])
        rows.append("| " + " | ".join("; ".join(_side(quote) for quote in side) for side in sides) + " |")
    return "\n".join(rows)


def _side(quote: Quote) -> str:
    return f"{inert(one_line(quote.quote))} [{quote.id}]{f' ({quote.date})' if quote.date else ''}"


def _not_found(report: Report) -> str:
    lines = [
        f"- {inert(one_line(item.question))} (searched for: {inert(one_line('; '.join(item.tried)))})"
        for item in report.not_found
    ]
    return "\n".join(["## Not found", "", *lines]) if lines else ""


def _unread(report: Report) -> str:
    """What may be missing because a file could not be read."""
    lines = [f"- {code(item.path)}: {inert(one_line(item.reason))}" for item in report.unread[:UNREAD_SHOWN]]
    if more := len(report.unread) - len(lines):
        lines.append(f"- and {more:,} more: see `agentflow corpus status`")
    return (
        "\n".join(
            ["## Not read", "", "These files and pages could not be read, so nothing here rests on them.", "", *lines]
        )
        if lines
        else ""
    )


def _notes(report: Report) -> str:
    return "\n".join(["## Notes", "", *(f"- {inert(one_line(note))}" for note in report.notes)]) if report.notes else ""


def _footer(report: Report) -> str:
    usage = report.usage
    rate = f"{report.support_rate:.0%} of claims supported as written · " if report.claims else ""
    return (
        f"{rate}written by {report.model} · {report.seconds:.1f} s · {usage.prompt} prompt tokens"
        f" ({usage.cached} cached), {usage.completion} answered · run {report.run}"
    )


def assemble(findings: Findings, **facts: object) -> Report:
    """Findings of the graph with what only the engine knows: run, status, usage, seconds, model."""
    return Report.model_validate({**findings.model_dump(), **facts})
