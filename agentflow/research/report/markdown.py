"""Findings as Markdown: the answer, claims with numbered citations, exact quotes with their place, what was not found."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from agentflow.corpus.evidence import one_line
from agentflow.research.report.schema import Claim, Quote, Report
from agentflow.research.report.words import ReportWords
from agentflow.status import RunStatus
from agentflow.text.markup import as_read
from agentflow.text.people import short_names
from agentflow.text.plain import plain
from agentflow.text.words import whole_words

UNREAD_SHOWN = 10
KINDS = {"document": "your documents", "web": "the web", "site": "other sites"}
MARKS = {"partial": "partly supported", "contradicted": "contradicted"}
_MARKUP = re.compile(r"[\\`*_\[\]<>#|!~&]")
_HEAD = re.compile(r"^.*\n\|[ \t:|-]+\n")  # of a table
_ENTRY = re.compile(r"(?:[-*+•]|\d{1,3}[.)])[ \t]+|\|[ \t]*")
_BLOCK = re.compile(r"^(\d{0,9})([-+.)](?=[ \t]|$)|=+$|:?-+:?$)")  # a list, a heading's underline, a table's second row


@dataclass(frozen=True, slots=True)
class StyledCitations:
    """Citations in a style, as Markdown: in the text, one a claim, and the list of references. Evidence is marked `q1`."""

    claims: list[str]
    references: list[str]


Mark = Callable[[int], str]


def render(report: Report, cited: StyledCitations | None = None) -> str:
    """One Markdown document; text of documents and models is escaped, so that it cannot act as markup."""
    return "\n\n".join(sections(report, cited).values()) + "\n"


def sections(report: Report, cited: StyledCitations | None = None, mark: Mark | None = None) -> dict[str, str]:
    """The parts of the document by name, without those that are empty. `mark` words the citation of a quote's number."""
    mark = mark or (lambda number: f"[{label(number, cited)}]")
    parts = {
        "title": f"# {inert(one_line(report.question))}",
        "follows": _follows(report),
        "repeats": _repeats(report),
        "answer": _answer(report),
        "claims": _claims(report, cited, mark),
        "conflicts": _conflicts(report, mark),
        "verdicts": _verdicts(report),
        "evidence": _evidence(report, cited),
        "not found": _not_found(report),
        "unread": _unread(report),
        "notes": _notes(report),
        "references": _references(report, cited),
        "rule": "---",
        "footer": _footer(report),
    }
    return {name: text for name, text in parts.items() if text}


def label(number: int, cited: StyledCitations | None) -> str:
    """How a quote is numbered: a style may number its references by itself."""
    return f"q{number}" if cited else str(number)


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
    if report.status == RunStatus.ANSWERED:
        words, _, block = report.answer.partition("\n")
        return "\n\n".join(filter(None, [f"**{inert(as_read(words))}**" if words else "", _block(block)]))
    if report.status == RunStatus.INSUFFICIENT:
        return f"**{ReportWords(report.question)['There is not enough evidence in the documents to answer this.']}**"
    return f"**The run {report.status}.** {inert(one_line(report.message))}"


def _block(text: str) -> str:
    """Lines beneath an answer: what is four blanks in is code, else a list or the rows of a table."""
    if all(line.startswith("    ") for line in text.splitlines() if line.strip()):
        return plain(text)
    entries = re.split(r"\n(?=\S)", _HEAD.sub("", dedent(text)))
    cells = [
        ": ".join(cell.strip() for cell in entry.strip("| ").split(" | ")) if entry.startswith("|") else entry
        for entry in entries
    ]
    return "\n".join(f"- {inert(as_read(one_line(_ENTRY.sub('', cell))))}" for cell in cells)


def _follows(report: Report) -> str:
    """Which run a follow-up asks on about, and how its question was looked up where that is not as it was put."""
    if not (earlier := report.follows):
        return ""
    asked = "" if earlier.asked == report.question else f" Looked up as: {inert(earlier.asked)}"
    return f"*Follows run {inert(earlier.run)}: {inert(one_line(earlier.question))}*{asked}"


def _repeats(report: Report) -> str:
    if not report.repeats:
        return ""
    again = "Its quotes were looked up again: no document has changed since"
    return f"*Known from run {inert(report.repeats)}. {again}. `--knowledge off` asks afresh.*"


def _claims(report: Report, cited: StyledCitations | None, mark: Mark) -> str:
    mixed = any(quote.url or quote.site for quote in report.evidence)
    styled = cited.claims if cited else [""] * len(report.claims)
    words = ReportWords(report.question)
    claims = zip(report.claims, styled, strict=True)
    lines = [f"{number}. {_claim(*pair, mark, words, mixed=mixed)}" for number, pair in enumerate(claims, 1)]
    return "\n".join([f"## {words['Claims']}", "", *lines]) if lines else ""


def _claim(claim: Claim, styled: str, mark: Mark, words: ReportWords, *, mixed: bool) -> str:
    """`mixed`: the report has sources of the web, so each claim tells of which kind its own are."""
    citations = f"{styled} " * bool(styled) + "".join(map(mark, claim.evidence))
    kinds = f" ({' and '.join(KINDS[kind] for kind in claim.sources)})" if mixed and claim.sources else ""
    known = "; ".join(inert(one_line(note)) for note in claim.known.notes()) if claim.known else ""
    text = f"{inert(as_read(one_line(claim.text)))} {citations}{kinds}{support_mark(claim.support, words)}"
    return f"{text} *({known})*" if known else text


def support_mark(support: str, words: ReportWords | None = None) -> str:
    """The mark after a claim that its quotes do not fully support; empty for the others."""
    mark = MARKS.get(support, "")
    return f" *({words[mark] if words else mark})*" if mark else ""


def _evidence(report: Report, cited: StyledCitations | None) -> str:
    """What the claims rest on, and what is near the question besides."""
    words = ReportWords(report.question)
    parts = [
        "\n\n".join([f"## {title}", *(_quote(quote, label(quote.id, cited), words) for quote in quotes)])
        for title, quotes in grouped(report).items()
    ]
    return "\n\n".join(parts)


def grouped(report: Report) -> dict[str, list[Quote]]:
    """The quotes by the heading of the report that lists them."""
    rests = {id for claim in report.claims for id in claim.evidence} | {item.evidence for item in report.conflicts}
    words = ReportWords(report.question)
    groups: dict[str, list[Quote]] = {"Evidence": [], "See also": []}
    for quote in report.evidence:
        groups["Evidence" if quote.id in rests else "See also"].append(quote)
    return {words[title]: quotes for title, quotes in groups.items() if quotes}


def _quote(quote: Quote, number: str, words: ReportWords) -> str:
    lines = [inert(line.strip()) for line in quote.quote.splitlines() if line.strip()]
    place = place_of(quote, words)
    about = ", ".join(inert(one_line(part)) for part in about_source(quote))
    if quote.url:
        kept = f"retrieved {quote.retrieved[:10]}, copy: {code(place)}"
        head = f"[{number}] {code(quote.url)} ({about}; {kept})"
    elif quote.site:
        head = f"[{number}] {code(place)} ({about}; site {code(quote.site)}, received {quote.retrieved[:10]})"
    else:
        head = f"[{number}] {code(place)} ({about})"
    since = f" **{quote.since}**" if quote.since else ""
    return "\n".join([f"{head}{since}", "", *(f"> {line}" for line in lines)])


def place_of(quote: Quote, words: ReportWords) -> str:
    return f"{quote.path}, {words['page']} {quote.page}" if quote.page else quote.place


def about_source(quote: Quote) -> list[str]:
    """What the report says of a quote's source: its title, of a paper its authors, its date, its DOI."""
    record = quote.record or {}
    doi = f"doi:{record['DOI']}" if record.get("DOI") else ""
    return [part for part in (quote.source, short_names(record.get("author") or []), quote.date, doi) if part]


def _conflicts(report: Report, mark: Mark) -> str:
    if not report.conflicts:
        return ""
    quotes = {quote.id: quote for quote in report.evidence}
    words = ReportWords(report.question)
    head = f"| {words['one source says']} | {words['another says']} |"
    rows = [f"## {words['Contradicting sources']}", "", head, "|---|---|"]
    for conflict in report.conflicts:
        claim = report.claims[conflict.claim]
        sides = ([quotes[number] for number in claim.evidence], [quotes[conflict.evidence]])
        rows.append("| " + " | ".join("; ".join(_side(quote, mark) for quote in side) for side in sides) + " |")
    return "\n".join(rows)


def _side(quote: Quote, mark: Mark) -> str:
    return f"{inert(one_line(quote.quote))} {mark(quote.id)}{f' ({quote.date})' if quote.date else ''}"


def _verdicts(report: Report) -> str:
    """What sites say that let no text of theirs out."""
    lines = []
    for each in report.verdicts:
        about = "the question" if each.claim < 0 else f"claim {each.claim + 1}"
        days = " to ".join(dict.fromkeys(day for day in (each.first, each.last) if day))
        documents = f"{each.documents:,} document{'s' * (each.documents != 1)}" if each.documents else ""
        rests = f" ({', '.join(filter(None, (documents, days)))})" if documents else ""
        lines.append(f"- {code(each.site)}: {about} is {each.verdict} there{rests}")
    head = "These sites release no text, so nothing of it can be checked here."
    return "\n".join(["## Verdicts of sites", "", head, "", *lines]) if lines else ""


def _not_found(report: Report) -> str:
    words, asked = ReportWords(report.question), " ".join([report.question, *report.plan])
    lines = [
        f"- {inert(one_line(item.question))} ({words['searched for']}: "
        f"{inert(one_line(whole_words('; '.join(item.tried), asked)))})"
        for item in report.not_found
    ]
    return "\n".join([f"## {words['Not found']}", "", *lines]) if lines else ""


def _unread(report: Report) -> str:
    """What may be missing because a file could not be read."""
    lines = [f"- {code(item.path)}: {inert(one_line(item.reason))}" for item in report.unread[:UNREAD_SHOWN]]
    if more := len(report.unread) - len(lines):
        lines.append(f"- and {more:,} more: see `agentflow corpus status`")
    words = ReportWords(report.question)
    head = words["These files and pages could not be read, so nothing here rests on them."]
    return "\n".join([f"## {words['Not read']}", "", head, "", *lines]) if lines else ""


def _notes(report: Report) -> str:
    head = f"## {ReportWords(report.question)['Notes']}"
    return "\n".join([head, "", *(f"- {inert(one_line(note))}" for note in report.notes)]) if report.notes else ""


def _references(report: Report, cited: StyledCitations | None) -> str:
    if not cited or not cited.references:
        return ""
    return "\n\n".join([f"## {ReportWords(report.question)['References']}", *cited.references])


def _footer(report: Report) -> str:
    usage, words = report.usage, ReportWords(report.question)
    rate = f"{report.support_rate:.0%} {words['of claims supported as written']} · " if report.claims else ""
    return (
        f"{rate}{words['written by']} {report.model} · {report.seconds:.1f} s · {usage.prompt} {words['prompt tokens']}"
        f" ({usage.cached} {words['cached']}), {usage.completion} {words['answered']} · {words['run']} {report.run}"
    )
