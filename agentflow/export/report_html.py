"""A report as one HTML file whose citations open the cited passage with the quote marked. No script, no foreign host."""

from collections.abc import Mapping
from html import escape

from markdown_it import MarkdownIt

from agentflow.export.document import STYLE
from agentflow.export.passages import Around
from agentflow.export.timeline import to_svg
from agentflow.research.report.markdown import StyledCitations, about_source, grouped, label, place_of, sections
from agentflow.research.report.schema import Quote, Report
from agentflow.research.report.words import ReportWords

OWN = """details{margin:.6rem 0;border:1px solid #bbb;border-radius:4px;padding:.3rem .8rem}summary{cursor:pointer}
.passage{white-space:pre-line}mark{background:#ffec99;color:#000;scroll-margin-top:35vh}mark:target{outline:3px solid #f08c00}
a{color:#1864ab;text-decoration:none}svg{width:100%;height:auto}
@media(prefers-color-scheme:dark){a{color:#74c0fc}}@media print{details{border:0}}"""


def to_report_html(report: Report, around: Mapping[int, Around], cited: StyledCitations | None = None) -> str:
    """A link to a quote opens the passage around it: browsers open what holds the target of a link."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = []
    for name, text in sections(report, cited, lambda number: f"[\\[{label(number, cited)}\\]](#q{number})").items():
        body.append(_evidence(report, around, cited) if name == "evidence" else reader.render(text))
    title, language = escape(report.question), ReportWords(report.question).language
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}\n{OWN}</style></head>\n'
        f"<body>\n{''.join(body)}</body></html>\n"
    )


def _evidence(report: Report, around: Mapping[int, Around], cited: StyledCitations | None) -> str:
    parts, words = [], ReportWords(report.question)
    for title, quotes in grouped(report).items():
        shown = (_quote(quote, around.get(quote.id, Around()), label(quote.id, cited), words) for quote in quotes)
        parts.append(f"<h2>{title}</h2>\n{''.join(shown)}")
    picture = to_svg(report, "q" if cited else "").replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return f"{''.join(parts)}{picture}"


def _quote(quote: Quote, around: Around, number: str, words: ReportWords) -> str:
    place = place_of(quote, words)
    where = f"{quote.url} (retrieved {quote.retrieved[:10]}, copy: {place})" if quote.url else place
    about = ", ".join(part for part in (*about_source(quote), quote.since) if part)
    note = "" if around.before or around.after else "<p><em>Only what was quoted is kept of this document.</em></p>"
    return (
        f"<details><summary>[{number}] <code>{escape(where)}</code> {escape(about)}</summary>\n"
        f'<p class="passage">{escape(around.before)}<mark id="q{quote.id}">{escape(quote.quote)}</mark>{escape(around.after)}</p>'
        f"{note}</details>\n"
    )
