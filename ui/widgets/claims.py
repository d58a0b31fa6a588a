"""Claims as they are written and checked, and the evidence as it is found."""

from textual.content import Content

from ..state import Evidence, RunView
from ..themes import sign
from .hanging import hang
from .rows import Row, Rows


class ClaimsList(Rows):
    def show_run(self, view: RunView) -> None:
        rows = []
        for claim in view.claims:
            mark, style = sign(claim.support)
            cited = "".join(f"[{number}]" for number in claim.evidence)
            text = hang((f"{mark} ", style), claim.text, (f" {cited}", "$primary"), (f"\n{claim.support}", style))
            rows.append(Row(str(claim.number), text))
        self.show(rows)


class EvidenceList(Rows):
    """As they were found, the newest last."""

    def show_run(self, view: RunView) -> None:
        rows = []
        for item in view.evidence:
            dots = "●" * round(item.relevance * 5)
            head = Content.assemble((item.place, "$primary"), (f"  {dots.ljust(5, '·')}", "$accent"))
            quote = " ".join(item.quote.split())
            rows.append(Row(evidence_key(item), Content.assemble(head, "\n“", quote, "”")))
        self.show(rows)


def evidence_key(item: Evidence) -> str:
    """What makes two quotes the same."""
    return f"{item.question}|{item.place}|{item.quote}"
