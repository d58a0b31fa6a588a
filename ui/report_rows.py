"""A research result as rows: answer, claims with their citations, contradictions, quotes, what was not found, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content

from agentflow.corpus.passage import quote_place
from agentflow.research.known import about_known
from agentflow.status import RunStatus

from .backend import RunResult
from .text import count, line, plain
from .themes import sign
from .widgets.hanging import Hanging, hang
from .widgets.rows import Row


@dataclass(frozen=True, slots=True)
class CitedQuote:
    """One quote of the result. `number` is its citation."""

    number: int
    quote: str
    path: str
    line: int
    page: int | None = None
    date: str = ""
    source: str = ""
    part: str = ""
    since: str = ""  # what became of the file since it was read

    @property
    def place(self) -> str:
        return quote_place(self.path, self.line, self.page, self.part)


class ReportRows:
    """Reads what graphs/research.py hands out; any other output has neither claims nor quotes and is shown as Markdown."""

    def __init__(self, result: RunResult) -> None:
        output = result.output
        self.result = result
        self.question = line(str(output.get("question", "")))
        self.answer = plain(str(output.get("answer", "")))
        self.claims: list[dict[str, Any]] = [claim for claim in output.get("claims", []) if isinstance(claim, dict)]
        self.conflicts: list[dict[str, int]] = output.get("conflicts", [])
        self.quotes = {quote.number: quote for quote in map(_cited, output.get("evidence", []))}

    def citations(self, key: str) -> list[int]:
        """Of a row: all quotes of a claim, both sides of a conflict, a quote itself."""
        kind, _, number = key.partition("-")
        if kind == "claim":
            numbers = self.claims[int(number)]["evidence"]
        elif kind == "conflict":
            conflict = self.conflicts[int(number)]
            numbers = [*self.claims[conflict["claim"]]["evidence"][:1], conflict["evidence"]]
        else:
            numbers = [int(number)] if kind == "quote" else []
        return [number for number in numbers if number in self.quotes]

    def rows(self, key: str | None = None, citation: int = 0) -> list[Row]:
        """With the cursor on one citation of the row `key`."""
        rows = [_text("answer", self._answer()), *self._follows()]
        for at, claim in enumerate(self.claims):
            lit = citation if key == f"claim-{at}" else None
            rows += _headed(at, "Claims", Row(f"claim-{at}", self._claim(at, claim, lit)))
        for at, conflict in enumerate(self.conflicts):
            rows += _headed(at, "Contradicting sources", Row(f"conflict-{at}", self._conflict(conflict)))
        for at, quote in enumerate(self.quotes.values()):
            rows += _headed(at, "Evidence", Row(f"quote-{quote.number}", _quote(quote)))
        for at, item in enumerate(self.result.output.get("not_found", [])):
            tried = "; ".join(line(str(query)) for query in item.get("tried", []))
            about = hang(
                ("∅ ", "$text-warning"),
                line(str(item.get("question", ""))),
                (f"\nsearched for: {tried}", "$text-muted"),
            )
            rows += _headed(at, "Not found", _text(f"open-{at}", about))
        for at, item in enumerate(self.result.output.get("unread", [])):
            about = hang(
                ("✗ ", "$text-warning"),
                line(str(item.get("path"))),
                (f"\n{line(str(item.get('reason')))}", "$text-muted"),
            )
            rows += _headed(at, "Not read", _text(f"unread-{at}", about))
        for at, note in enumerate(self.result.output.get("notes", [])):
            rows += _headed(
                at, "Notes", _text(f"note-{at}", hang(("! ", "$text-warning"), (line(str(note)), "$text-muted")))
            )
        return [*rows, _text("facts", Content.styled(f"\n{self._facts()}", "$text-muted"))]

    def _answer(self) -> Content:
        if self.answer:
            words, _, block = self.answer.partition("\n")
            return Content.assemble((words, "bold"), "\n" if words and block else "", block)
        if self.result.status is RunStatus.INSUFFICIENT:
            return Content.styled("There is not enough evidence in the documents to answer this.", "bold $text-warning")
        return Content.styled(line(self.result.message) or self.result.status, "$text-warning")

    def _follows(self) -> list[Row]:
        if not (earlier := self.result.output.get("follows")):
            return []
        said = f"{line(str(earlier['question']))} ({earlier['run']})"
        return [_text("follows", hang(("↳ follows ", "$text-muted"), (said, "$text-muted")))]

    def _claim(self, at: int, claim: dict[str, Any], lit: int | None) -> Hanging:
        support = line(str(claim.get("support", "")))
        mark, style = sign(support)
        parts: list[tuple[str, str] | str] = [line(str(claim.get("text", ""))), " "]
        for place, number in enumerate(self.citations(f"claim-{at}")):
            parts.append((f"[{number}]", "bold reverse $accent" if place == lit else "$primary"))
        if support != "supported":
            parts.append((f"  {support}", style))
        parts += [(f"\n{line(told)}", "$text-accent") for told in about_known(claim.get("known"))]
        return hang((f"{mark} ", style), *parts)

    def _conflict(self, conflict: dict[str, int]) -> Hanging:
        claim = self.claims[conflict["claim"]]
        rival = self.quotes.get(conflict["evidence"])
        other = f"[{rival.number}] {line(rival.quote)}" if rival else ""
        dated = f" ({rival.date})" if rival and rival.date else ""
        return hang(
            ("✗ ", "$text-error"),
            line(str(claim.get("text", ""))),
            ("\nbut ", "$text-error"),
            other,
            (dated, "$text-muted"),
        )

    def _facts(self) -> str:
        output, result = self.result.output, self.result
        held = f"{float(output.get('support_rate', 0)):.0%} of the claims held as written" if self.claims else ""
        parts = [
            held,
            count(len(self.quotes), "quote"),
            f"{result.seconds:.1f} s",
            f"written by {line(result.model)}" if result.model else "",
        ]
        return " · ".join(part for part in [*parts, f"run {result.run}"] if part)


def _cited(item: dict[str, Any]) -> CitedQuote:
    page = item.get("page")
    return CitedQuote(
        number=int(item["id"]), quote=str(item.get("quote", "")), path=str(item.get("path", "")), line=int(item.get("line") or 1),
        page=int(page) if page else None, date=line(str(item.get("date") or "")), source=line(str(item.get("source") or "")),
        part=line(str(item.get("part") or "")),
        since={"changed": "the file has changed since", "gone": "the file is gone"}.get(str(item.get("file")), ""),
    )  # fmt: skip


def _quote(quote: CitedQuote) -> Hanging:
    about = (line(quote.place), ""), (f"  {quote.date}", "$text-muted"), (f"  {quote.since}", "$text-warning")
    return hang((f"[{quote.number}] ", "$primary"), *about, ("\n“" + line(quote.quote) + "”", "$text-muted"))


def _text(key: str, content: Content | Hanging) -> Row:
    return Row(key, content, choosable=False)


def _headed(at: int, title: str, row: Row) -> Sequence[Row]:
    return (row,) if at else (_text(f"={title}", Content.styled(f"\n{title}", "bold $primary")), row)
