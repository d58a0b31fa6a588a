"""What a run at a site found, as a verdict: a word of four, a count, two days. No text of a document can pass."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agentflow.corpus.site_passage import DAY
from agentflow.federation.wire import FederatedVerdict, Word
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus

CLAIM = Path(__file__).with_name("verdict.yaml")


def of_question(outcome: Outcome, *, dates: bool) -> FederatedVerdict:
    """`outcome` is of the graph `research`."""
    if outcome.status != RunStatus.ANSWERED:
        return FederatedVerdict(verdict="not told")
    cited = {number for claim in outcome.output["claims"] for number in claim["evidence"]}
    return _verdict("told", [quote for quote in outcome.output["evidence"] if quote["id"] in cited], dates)


def of_claim(outcome: Outcome, *, dates: bool) -> FederatedVerdict:
    """`outcome` is of CLAIM. What more documents say holds; as many on both sides count against the claim."""
    supporting, against = (
        [each for each in outcome.output["verdicts"] if each["support"] == word]
        for word in ("supported", "contradicted")
    )
    if len({each["path"] for each in supporting}) > len({each["path"] for each in against}):
        return _verdict("supported", supporting, dates)
    return _verdict("contradicted", against, dates) if against else FederatedVerdict(verdict="not told")


def _verdict(word: Word, quotes: Iterable[Mapping[str, Any]], dates: bool) -> FederatedVerdict:
    known = {quote["path"]: str(quote["date"]) for quote in quotes}
    days = sorted(day for day in known.values() if day and re.fullmatch(DAY, day)) if dates else []
    first, last = (days[0], days[-1]) if days else ("", "")
    return FederatedVerdict(verdict=word, documents=len(known), first=first, last=last)
