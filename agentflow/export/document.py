"""A run as a document: Markdown as the report is written, and the same as one HTML file."""

from html import escape

from markdown_it import MarkdownIt

from agentflow.export.output import output_markdown
from agentflow.research.report.markdown import inert, render
from agentflow.research.report.of_run import report_of
from agentflow.runs.outcome import Outcome

STYLE = """body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}
blockquote{border-left:3px solid #888;margin:.5rem 0;padding:.2rem 1rem;background:#f6f6f6}
code{background:#f0f0f0;padding:.1rem .3rem}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3rem .6rem}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}blockquote,code{background:#262626}}"""


def to_markdown(outcome: Outcome) -> str:
    """The report; for a graph with another output, each value of it."""
    if report := report_of(outcome):
        return render(report)
    parts = [f"# Run {outcome.run}: {outcome.status}", inert(outcome.message), output_markdown(outcome.output)]
    return "\n\n".join(filter(None, parts))


def title_of(outcome: Outcome) -> str:
    return str(outcome.output.get("question") or f"Run {outcome.run}")


def to_html(outcome: Outcome) -> str:
    return html_of(to_markdown(outcome), title_of(outcome))


def html_of(markdown: str, title: str) -> str:
    """One file without scripts or links outwards; markup in documents and answers stays text."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )
