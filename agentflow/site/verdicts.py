"""What a run at a site found, as a verdict: a word of four, a count, two days. No text of a document can pass."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agentflow.corpus.site_passage import DAY
from agentflow.federation.wire import Verdict, Word
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus


def of_question(outcome: Outcome, *, dates: bool) -> Verdict:
    """`outcome` is of the graph `research`."""
    if outcome.status != RunStatus.ANSWERED:
        return Verdict(verdict="not told")
    cited = {number for claim in outcome.output["claims"] for number in claim["evidence"]}
    return _verdict("told", [quote for quote in outcome.output["evidence"] if quote["id"] in cited], "path", dates)


def of_claim(outcome: Outcome, *, dates: bool) -> Verdict:
    """`outcome` is of the graph `fact_check` on the claim, whose sentences it judges one by one."""
    judged = outcome.output.get("verdicts", [])
    found = {item["support"] for item in judged}
    word: Word = "contradicted" if "contradicted" in found else "supported" if found == {"supported"} else "not told"
    deciding = [quote for item in judged if item["support"] == word for quote in item["quotes"]]
    return _verdict(word, deciding, "document", dates)


def _verdict(word: Word, quotes: Iterable[Mapping[str, Any]], path: str, dates: bool) -> Verdict:
    known = {quote[path]: str(quote["date"]) for quote in quotes}
    days = sorted(day for day in known.values() if day and re.fullmatch(DAY, day)) if dates else []
    first, last = (days[0], days[-1]) if days else ("", "")
    return Verdict(verdict=word, documents=len(known), first=first, last=last)
