"""The readable copy of a page: its main text as a plain HTML file without scripts, styles or links that load anything."""

from html import escape

from agentflow.corpus.blocks import Block, Extract

STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}footer{color:#666}"
TAGS = {"item": "li", "term": "li", "code": "pre"}


def to_copy(extract: Extract, url: str, retrieved: str, sha256: str) -> str:
    """One block a line, so that a quote's line finds it. The corpus reads `<main>` alone."""
    title, when = escape(extract.title or url), retrieved[:16].replace("T", " ")
    lines = [
        '<!doctype html><html><head><meta charset="utf-8">',
        f"<title>{title}</title>",
        f'<meta name="date" content="{escape(extract.date)}"><meta name="author" content="{escape(extract.author)}">',
        f'<meta name="source" content="{escape(url)}"><meta name="sha256" content="{sha256}">',
        f"<style>{STYLE}</style></head><body><main>",
    ]
    foot = f"</main><footer>Copy of {escape(url)}, retrieved {when} UTC, sha256 of the page {sha256}</footer></body></html>"
    table = False
    for block in extract.blocks:
        row = block.kind in ("row", "columns")
        if row != table:
            lines.append("<table>" if row else "</table>")
        table = row
        lines.append(_line(extract.text, block))
    return "\n".join([*lines, *(["</table>"] if table else []), foot]) + "\n"


def _line(text: str, block: Block) -> str:
    own = text[block.start : block.end]
    shown = escape(own if block.kind == "code" else " ".join(own.split()))
    if block.kind == "heading":
        level = min(max(block.level, 1), 6)
        return f"<h{level}>{shown}</h{level}>"
    if block.kind in ("row", "columns"):
        cell = "th" if block.kind == "columns" else "td"
        return f"<tr>{''.join(f'<{cell}>{part}</{cell}>' for part in shown.split(' | '))}</tr>"
    tag = TAGS.get(block.kind, "p")
    return f"<{tag}>{shown}</{tag}>"
