"""A report as LaTeX: one file for pdflatex, lualatex or xelatex, with the packages of any installation."""

from collections.abc import Sequence
from itertools import groupby

from pylatexenc.latexencode import UnicodeToLatexEncoder

from agentflow.export.blocks import ReportBlock, StyledText, blocks

HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\ifPDFTeX\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{textcomp}\else\usepackage{fontspec}\fi
\usepackage[margin=25mm]{geometry}
\usepackage{longtable}
\usepackage[hyphens]{url}
\setlength{\parindent}{0pt}\setlength{\parskip}{0.6em}
\emergencystretch=3em
"""
LEVELS = {1: "section*", 2: "subsection*"}
ENCODE = UnicodeToLatexEncoder(non_ascii_only=False, unknown_char_policy="keep", unknown_char_warning=False)


def to_latex(markdown: str, title: str) -> str:
    """Characters that TeX has commands for are written as those; others stay and need lualatex or xelatex."""
    parts = [HEAD, f"\\title{{{_escape(title)}}}", "\\date{}", "\\begin{document}", ""]
    for items, group in groupby(blocks(markdown), key=lambda block: block.kind == "item"):
        alike = list(group)
        parts.append(_list(alike) if items else "\n\n".join(map(_set, alike)))
    return "\n\n".join([*parts, "\\end{document}"]) + "\n"


def _set(block: ReportBlock) -> str:
    text = _spans(block.spans)
    match block.kind:
        case "heading":
            return f"\\{LEVELS.get(block.level, 'subsubsection*')}{{{text}}}"
        case "quote":
            return f"\\begin{{quote}}\n{text}\n\\end{{quote}}"
        case "rule":
            return "\\bigskip\\hrule\\bigskip"
        case "table":
            return _table(block)
        case "code":
            return "\\begin{flushleft}\\ttfamily\\small\n" + text.replace("\n", "\\\\\n") + "\n\\end{flushleft}"
    return text


def _list(items: Sequence[ReportBlock]) -> str:
    """Items with the marks that they have."""
    lines = [f"\\item[{'' if item.mark == '•' else _escape(item.mark)}] {_spans(item.spans)}" for item in items]
    lines = [line.replace("\\item[]", "\\item[\\textbullet]") for line in lines]
    return "\\begin{itemize}\n" + "\n".join(lines) + "\n\\end{itemize}"


def _table(block: ReportBlock) -> str:
    width = max(map(len, block.rows))
    column = f"p{{{0.92 / width:.3f}\\linewidth}}"
    rows = [" & ".join(_spans(cell) for cell in row) + " \\\\ \\hline" for row in block.rows]
    return f"\\begin{{longtable}}{{|{'|'.join([column] * width)}|}}\n\\hline\n" + "\n".join(rows) + "\n\\end{longtable}"


def _spans(spans: Sequence[StyledText]) -> str:
    parts = []
    for span in spans:
        text = _escape(span.text)
        if span.code:
            text = f"\\texttt{{{_breakable(text)}}}"
        if span.bold:
            text = f"\\textbf{{{text}}}"
        parts.append(f"\\emph{{{text}}}" if span.italic else text)
    return "".join(parts)


def _breakable(text: str) -> str:
    """Paths may end a line behind a slash."""
    return text.replace("/", "/\\allowbreak{}")


def _escape(text: str) -> str:
    """Brackets are kept from being read as options."""
    encoded: str = ENCODE.unicode_to_latex(text)
    return encoded.replace("[", "{[}").replace("]", "{]}")
