"""The documents that a run quotes, as BibTeX."""

import hashlib
import re

from agentflow.runs.outcome import Outcome

SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def to_bibtex(outcome: Outcome) -> str:
    """One @misc an evidence document; the note holds where in it, and the exact words."""
    documents: dict[str, list[dict[str, object]]] = {}
    for quote in outcome.output.get("evidence", []):
        documents.setdefault(quote["path"], []).append(quote)
    return "\n".join(_entry(path, quotes) for path, quotes in documents.items())


def _entry(path: str, quotes: list[dict[str, object]]) -> str:
    first = quotes[0]
    title = str(first.get("source") or path).split(" › ")[0]
    places = "; ".join(f"{_where(quote)}: ``{' '.join(str(quote['quote']).split())}''" for quote in quotes)
    fields = {"title": f"{{{escape(title)}}}", "howpublished": escape(path), "note": escape(places)}
    if date := str(first.get("date") or ""):
        fields["year"] = date[:4]
        fields["date"] = date
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key(path)},\n{body}\n}}\n"


def _where(quote: dict[str, object]) -> str:
    if quote.get("page"):
        return f"p. {quote['page']}"
    return f"{quote['part']}, line {quote['line']}" if quote.get("part") else f"line {quote['line']}"


def key(path: str) -> str:
    """Readable and unique: the file's stem with the start of its path's hash."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", path.rsplit("/", 1)[-1].rsplit(".", 1)[0]).strip("-") or "document"
    return f"{stem}-{hashlib.sha256(path.encode()).hexdigest()[:6]}"


def escape(text: str) -> str:
    """TeX's special characters, so that a path or quote is set as it is."""
    return re.sub(r"[\\~^{}&%$#_]", lambda match: SPECIAL.get(match[0], "\\" + match[0]), text)
