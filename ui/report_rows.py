"""A research result as rows: answer, claims with their citations, contradictions, quotes, what was not found, notes."""

from collections.abc import Sequence

from textual.content import Content

from agentflow.research.report.of_run import findings_of
from agentflow.research.report.schema import Claim, Conflict, Quote
from agentflow.status import RunStatus
from agentflow.text.words import whole_words

from .backend import RunResult
from .text import count, line, plain
from .themes import sign
from .widgets.hanging import Hanging, hang
from .widgets.rows import Row


class ReportRows:
    """Reads what graphs/research.py hands out; any other output has neither claims nor quotes and is shown as Markdown."""

    def __init__(self, result: RunResult) -> None:
        output = result.output
        self.result = result
        self.question = line(str(output.get("question", "")))
        self.answer = plain(str(output.get("answer", "")))
        self.findings = found = findings_of(output)
        self.claims = found.claims if found else []
        self.conflicts = found.conflicts if found else []
        self.quotes = {quote.id: quote for quote in found.evidence} if found else {}

    def citations(self, key: str) -> list[int]:
        """Of a row: all quotes of a claim, both sides of a conflict, a quote itself."""
        kind, _, number = key.partition("-")
        if kind == "claim":
            numbers = self.claims[int(number)].evidence
        elif kind == "conflict":
            conflict = self.conflicts[int(number)]
            numbers = [*self.claims[conflict.claim].evidence[:1], conflict.evidence]
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
            rows += _headed(at, "Evidence", Row(f"quote-{quote.id}", _quote(quote)))
        asked = " ".join([self.question, *(self.findings.plan if self.findings else [])])
        for at, item in enumerate(self.findings.not_found if self.findings else []):
            tried = (f"\nsearched for: {line(whole_words('; '.join(item.tried), asked))}", "$text-muted")
            about = hang(("∅ ", "$text-warning"), line(item.question), tried)
            rows += _headed(at, "Not found", _text(f"open-{at}", about))
        for at, file in enumerate(self.findings.unread if self.findings else []):
            about = hang(("✗ ", "$text-warning"), line(file.path), (f"\n{line(file.reason)}", "$text-muted"))
            rows += _headed(at, "Not read", _text(f"unread-{at}", about))
        for at, note in enumerate(self.findings.notes if self.findings else []):
            about = hang(("! ", "$text-warning"), (line(note), "$text-muted"))
            rows += _headed(at, "Notes", _text(f"note-{at}", about))
        return [*rows, _text("facts", Content.styled(f"\n{self._facts()}", "$text-muted"))]

    def _answer(self) -> Content:
        if self.answer:
            words, _, block = self.answer.partition("\n")
            return Content.assemble((words, "bold"), "\n" if words and block else "", block)
        if self.result.status is RunStatus.INSUFFICIENT:
            return Content.styled("There is not enough evidence in the documents to answer this.", "bold $text-warning")
        return Content.styled(line(self.result.message) or self.result.status, "$text-warning")

    def _follows(self) -> list[Row]:
        if self.findings is None or not (earlier := self.findings.follows):
            return []
        said = f"{line(earlier.question)} ({line(earlier.run)})"
        return [_text("follows", hang(("↳ follows ", "$text-muted"), (said, "$text-muted")))]

    def _claim(self, at: int, claim: Claim, lit: int | None) -> Hanging:
        mark, style = sign(claim.support)
        parts: list[tuple[str, str] | str] = [line(claim.text), " "]
        for place, number in enumerate(self.citations(f"claim-{at}")):
            parts.append((f"[{number}]", "bold reverse $accent" if place == lit else "$primary"))
        if claim.support != "supported":
            parts.append((f"  {claim.support}", style))
        parts += [(f"\n{line(note)}", "$text-accent") for note in (claim.known.notes() if claim.known else [])]
        return hang((f"{mark} ", style), *parts)

    def _conflict(self, conflict: Conflict) -> Hanging:
        claim = self.claims[conflict.claim]
        rival = self.quotes.get(conflict.evidence)
        other = f"[{rival.id}] {line(rival.quote)}" if rival else ""
        dated = f" ({line(rival.date)})" if rival and rival.date else ""
        return hang(("✗ ", "$text-error"), line(claim.text), ("\nbut ", "$text-error"), other, (dated, "$text-muted"))

    def _facts(self) -> str:
        found, result = self.findings, self.result
        held = f"{found.support_rate:.0%} of the claims held as written" if found and found.claims else ""
        by = f"written by {line(result.model)}" if result.model else ""
        parts = [held, count(len(self.quotes), "quote"), f"{result.seconds:.1f} s", by, f"run {result.run}"]
        return " · ".join(part for part in parts if part)


def _quote(quote: Quote) -> Hanging:
    about = (line(quote.place), ""), (f"  {line(quote.date)}", "$text-muted"), (f"  {quote.since}", "$text-warning")
    return hang((f"[{quote.id}] ", "$primary"), *about, ("\n“" + line(quote.quote) + "”", "$text-muted"))


def _text(key: str, content: Content | Hanging) -> Row:
    return Row(key, content, choosable=False)


def _headed(at: int, title: str, row: Row) -> Sequence[Row]:
    return (row,) if at else (_text(f"={title}", Content.styled(f"\n{title}", "bold $primary")), row)
