"""The documents that a run quotes, as BibTeX."""

import hashlib
import re
from collections.abc import Collection
from typing import Any

from agentflow.corpus.files.records import date_of
from agentflow.runs.outcome import Outcome

SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}

KINDS = {
    "article-journal": "article", "paper-conference": "inproceedings", "chapter": "incollection", "book": "book",
    "thesis": "phdthesis",
}  # fmt: skip


def to_bibtex(outcome: Outcome, undated: Collection[str] = ()) -> str:
    """One entry an evidence document, @misc where nothing but the document itself tells of it; the note holds where in it,
    and the exact words. Those whose path is among the `undated` get no year."""
    documents: dict[str, list[dict[str, Any]]] = {}
    for quote in outcome.output.get("evidence", []):
        dated = quote if quote["path"] not in undated else {**quote, "date": ""}
        documents.setdefault(quote["path"], []).append(dated)
    return "\n".join(_entry(path, quotes) for path, quotes in documents.items())


def _entry(path: str, quotes: list[dict[str, Any]]) -> str:
    first = quotes[0]
    kind, fields = _of_record(first["record"], path) if first.get("record") else ("misc", _of_document(first))
    places = "; ".join(f"{_where(quote)}: ``{' '.join(str(quote['quote']).split())}''" for quote in quotes)
    fields["note"] = escape(places)
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key(path)},\n{body}\n}}\n"


def _of_document(quote: dict[str, Any]) -> dict[str, str]:
    title, date = str(quote.get("source") or quote["path"]).split(" › ")[0], str(quote.get("date") or "")
    return {"title": f"{{{escape(title)}}}", "howpublished": escape(quote["path"]), "year": date[:4], "date": date}


def _of_record(item: dict[str, Any], path: str) -> tuple[str, dict[str, str]]:
    """Of an item of CSL-JSON: the kind of entry, and its fields."""

    def text(name: str) -> str:
        return escape(str(item.get(name) or ""))

    kind = KINDS.get(str(item.get("type")), "misc")
    date, number = date_of(item.get("issued")), str(item.get("number") or "")
    arxiv = number.removeprefix("arXiv:") if number.startswith("arXiv:") else ""
    return kind, {
        "author": " and ".join(filter(None, map(_author, item.get("author") or []))),
        "title": f"{{{text('title')}}}",
        "booktitle" if kind in ("inproceedings", "incollection") else "journal": text("container-title"),
        "publisher": text("publisher"), "year": date[:4], "date": date, "volume": text("volume"), "number": text("issue"),
        "pages": text("page").replace("-", "--"), "doi": _verbatim(item.get("DOI")), "url": _verbatim(item.get("URL")),
        "eprint": arxiv, "archiveprefix": "arXiv" if arxiv else "",
        "file": escape(path),
    }  # fmt: skip


def _author(told: dict[str, Any]) -> str:
    """A group in braces, so that it is not taken apart."""
    if group := told.get("literal"):
        return f"{{{escape(str(group))}}}"
    return ", ".join(escape(str(told[part])) for part in ("family", "given") if told.get(part))


def _verbatim(value: object) -> str:
    """As BibTeX styles set addresses: without what would end the field."""
    return re.sub(r"[\\{}\s]", "", str(value or ""))


def _where(quote: dict[str, Any]) -> str:
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
