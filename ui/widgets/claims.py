"""Claims as they are written and checked, and the evidence as it is found, tied by the numbers of the quotes."""

from functools import lru_cache

from textual.content import Content

from ..state import MOST_CLAIMS, MOST_EVIDENCE, EvidenceView, RunState
from ..themes import sign
from .hanging import hang
from .rows import Row, Rows


class ClaimsList(Rows):
    def show_run(self, view: RunState) -> None:
        self.show_new(
            (view.claims, view.evidence),
            lambda: [
                _claim(claim.number, claim.text, claim.support, tuple(item.number for item in view.cited(claim)))
                for claim in view.claims
            ],
        )


class EvidenceList(Rows):
    """As they were found, the newest last."""

    def show_run(self, view: RunState) -> None:
        self.show_new((view.evidence,), lambda: [_evidence(item) for item in view.evidence])


@lru_cache(MOST_CLAIMS)
def _claim(number: int, text: str, support: str, cited: tuple[int, ...]) -> Row:
    mark, style = sign(support)
    numbers = "".join(f"[{quote}]" for quote in cited)
    return Row(str(number), hang((f"{mark} ", style), text, (f" {numbers}", "$primary"), (f"\n{support}", style)))


@lru_cache(MOST_EVIDENCE)
def _evidence(item: EvidenceView) -> Row:
    dots = "●" * round(item.found.relevance * 5)
    head = Content.assemble((f"[{item.number}] {item.found.place}", "$primary"), (f"  {dots.ljust(5, '·')}", "$accent"))
    quote = " ".join(item.found.quote.split())
    return Row(evidence_key(item), Content.assemble(head, "\n“", quote, "”"))


def evidence_key(item: EvidenceView) -> str:
    """What makes two quotes the same."""
    return f"{item.found.question}|{item.found.place}|{item.found.quote}"
