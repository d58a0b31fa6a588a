"""What one run says that the run before it did not: claims that are new, gone, changed or contradicted."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentflow.research.conflicts import differs
from agentflow.runs.diff import diff
from agentflow.runs.run import Run
from agentflow.text.words import content_words
from agentflow.usage import Usage

ALIKE = 0.5  # of the shorter claim's words, from which two claims speak of the same thing


def news_of(before: Run | None, after: Run) -> dict[str, Any] | None:
    """Plain JSON, None where nothing is new. A first run and one that failed are news as a whole.

    Keys: `answer` (before, after), `new`, `gone` (claims), `changed`, `contradicted` (pairs), `output` of a workflow.
    """
    facts = {"run": after.id, "status": after.status, "title": after.title}
    if not after.status.successful:
        return {**facts, "message": after.message or after.status}
    research = "claims" in after.output
    if before is None:
        output = [] if research else [[k, None, v] for k, v in after.output.items() if k not in ("answer", "text")]
        return {
            **facts,
            "first": True,
            "answer": ["", _answer(after)],
            "new": [_with_places(c, after) for c in _claims(after)],
            "output": output,
        }
    found = diff(before, after, Usage(), Usage())
    pairs = [(change.before, change.after) for change in found.claims["changed"]]
    gone, new = list(found.claims["gone"]), list(found.claims["new"])
    for old in list(gone):
        match = max(new, key=lambda claim, old=old: alike(old["text"], claim["text"]), default=None)  # type: ignore[misc]
        if match is not None and alike(old["text"], match["text"]) >= ALIKE:
            pairs.append((old, match))
            gone.remove(old)
            new.remove(match)
    contradicted = [pair for pair in pairs if _opposed(*pair)]
    told = {
        "new": [_with_places(claim, after) for claim in new],
        "gone": [_with_places(claim, before) for claim in gone],
        "changed": [[_with_places(a, before), _with_places(b, after)] for a, b in pairs if (a, b) not in contradicted and a["text"] != b["text"]],
        "contradicted": [[_with_places(a, before), _with_places(b, after)] for a, b in contradicted] + _conflicts(before, after),
    }  # fmt: skip
    told["output"] = [] if research else [[key, *pair] for key, pair in found.output.items()]
    answer = [_answer(before), _answer(after)]
    if not any(told.values()) and answer[0] == answer[1] and before.status == after.status:
        return None
    return {**facts, "answer": answer, **{name: items for name, items in told.items() if items}}


def alike(one: str, other: str) -> float:
    """Which share of the shorter one's words, numbers aside, the other holds; 0..1."""
    a, b = (frozenset(word for word in content_words(text) if not word[0].isdigit()) for text in (one, other))
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _opposed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return differs(old["text"], new["text"]) or new["support"] == "contradicted" != old["support"]


def _conflicts(before: Run, after: Run) -> list[list[dict[str, Any]]]:
    """Sources that contradict a claim now and did not then."""
    known = {text for _, text in _sides(before)}
    return [
        [{"text": claim, "sources": []}, {"text": text, "sources": []}]
        for claim, text in _sides(after)
        if text not in known
    ]


def _sides(run: Run) -> list[tuple[str, str]]:
    quotes = {quote["id"]: quote["quote"] for quote in run.output.get("evidence", [])}
    claims = _claims(run)
    return [(claims[item["claim"]]["text"], quotes[item["evidence"]]) for item in run.output.get("conflicts", [])]


def _claims(run: Run) -> Sequence[dict[str, Any]]:
    claims: list[dict[str, Any]] = run.output.get("claims", [])
    return claims


def _answer(run: Run) -> str:
    return str(run.output.get("answer") or run.output.get("text") or "")


def _with_places(claim: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """A claim with its places: `path:line`, or the address of a web page."""
    quotes = {quote["id"]: quote for quote in run.output.get("evidence", [])}
    ids: list[int] = next((each["evidence"] for each in _claims(run) if each["text"] == claim["text"]), [])
    cited = [quotes[id] for id in ids if id in quotes]
    return {
        "text": claim["text"],
        "sources": [quote.get("url") or f"{quote['path']}:{quote['line']}" for quote in cited],
    }
