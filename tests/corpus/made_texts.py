"""Text as programs of other times, systems and languages write it, each with a fact."""

import gzip
import json
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from tests.corpus.facts import Told
from tests.corpus.made import FILES, archive
from tests.corpus.made_pages import SPACED, plain

Made = Callable[[Told], bytes]


def old(name: str) -> Made:
    """A file of tests/corpus/made.py."""
    return lambda told: FILES[name](told.fact)


def text(pattern: str, encoding: str = "utf-8", end: str = "\n") -> Made:
    """The pattern names parts of what is told."""

    def make(told: Told) -> bytes:
        values = {name: getattr(told, name) for name in ("fact", "before", "after", "title")}
        filled = pattern.format(**values)
        return filled.replace("\n", end).encode(encoding)

    return make


NOTE = "{title}\n\n{before}\n\n{before} {fact} {after}\n"
PAGE = "<!doctype html><html><head><meta charset={}><title>{{title}}</title></head><body>\n<p>{{before}}</p>\n<p>{{before}} {{fact}} {{after}}</p></body></html>"
SUBTITLES = "1\n00:00:01,000 --> 00:00:04,000\n{before}\n\n2\n00:00:05,000 --> 00:00:08,500\n{fact}\n\n3\n00:00:09,000 --> 00:00:12,000\n{after}\n"
RIS = "TY  - JOUR\nAU  - Berg, Ann\nTI  - {title}\nAB  - {fact}\nPY  - 1999\nER  - \n"
YAML = 'name: {title}\nnotes:\n  - "{before}"\n  - "{fact}"\n'
MAN = """.\\" A page.
.TH TOOL 1 "2021-03-04"
.SH NAME
tool \\- {title}
.SH OPTIONS
.TP
.B \\-a
{before}
.TP
\\fB\\-b\\fR, \\fB\\-\\-both\\fR
{fact}
"""
MDOC = """.Dd March 4, 2021
.Dt TOOL 8
.Os
.Sh NAME
.Nm tool
.Nd {title}
.Sh OPTIONS
.Bl -tag
.It Fl a Ar file
{before}
.It Fl b
{fact}
.El
"""
TBL = """.TH TOOL 7
.SH A
.TS
tab(@) allbox;
lb lb
l l.
no@what
1@{before}
2@T{{
{fact}
T}}
.TE
"""
TEXINFO = """\\input texinfo
@settitle {title}
@chapter One
@table @code
@item -a
{before}
@item -b
{fact}
@end table
"""
TOML = '[one]\nname = "{title}"\n\n[two]\nnote = "{fact}"\n'
NEWS = "<html><head><meta charset=utf-8><title>{title}</title></head><body><nav><a href=/>A</a> <a href=/b>B</a></nav>\n<main><h1>{title}</h1>\n<ul><li>{before}</li>\n<li>{fact}</li></ul></main>\n<footer>&copy; 2020</footer></body></html>"


def wrapped(told: Told) -> bytes:
    """A paragraph of narrow lines, the fact on its first two; broken between words, or anywhere where no blanks are set."""
    spaced = told.language in SPACED
    parts = (" " if spaced else "").join([told.after, told.fact, told.before, told.after])
    lines = [""]
    for part in (f"{word} " for word in parts.split()) if spaced else parts:
        if len(lines[-1] + part) > len(told.after) + 0.6 * len(told.fact):
            lines.append("")
        lines[-1] += part
    return f"{told.before}\n\n{''.join(f'{line.strip()}{chr(10)}' for line in lines)}".encode()


def letter(told: Told, charset: str, *, cte: str = "quoted-printable", html: bool = False) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"], message["From"], message["To"] = told.title, "Ann Berg <ann@example.org>", "bo@example.org"
    message["Date"] = "Mon, 03 May 2021 10:00:00 +0000"
    body = f"{told.before}\n\n{told.fact}\n"
    if html:
        body = f"<html><body><p>{told.before}</p>\n<p>{told.fact}</p></body></html>"
    message.set_content(body, subtype="html" if html else "plain", charset=charset, cte=cte)
    return message.as_bytes()


def answered(told: Told) -> bytes:
    """Text and HTML side by side, with a file; the fact stands in the text, and in the HTML once more."""
    message = EmailMessage(policy=SMTP)
    message["Subject"], message["From"] = told.title, "ann@example.org"
    message.set_content(f"{told.before}\n\n{told.fact}\n\n> {told.after}\n")
    message.add_alternative(f"<p>{told.before}</p><p>{told.fact}</p>", subtype="html")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="a.png")
    return message.as_bytes()


def entities(told: Told) -> bytes:
    """Every letter beyond ASCII as a character reference."""
    shown = [escape(each).encode("ascii", "xmlcharrefreplace").decode() for each in (told.before, told.fact)]
    return f"<html><body><p>{shown[0]}</p>\n<p>{shown[1]}</p></body></html>".encode()


def accents(told: Told) -> bytes:
    r"""LaTeX that writes `\"u` for ü."""
    from pylatexenc.latexencode import unicode_to_latex

    written = unicode_to_latex(told.fact, non_ascii_only=True)
    return f"\\documentclass{{article}}\n\\begin{{document}}\n{told.title}.\n\n{written}\n\\end{{document}}\n".encode()


def escaped(told: Told) -> bytes:
    return json.dumps({"one": [{"note": told.before}, {"note": told.fact}]}, indent=2).encode()


def cells(told: Told) -> bytes:
    """Outputs are left out, so the fact is in the code."""
    code = ["import os\n", f"# {told.fact}\n", "os.getcwd()\n"]
    made = [{"cell_type": "markdown", "source": [told.before]}, {"cell_type": "code", "source": code, "outputs": []}]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {}}).encode()


def gzipped(told: Told) -> bytes:
    return gzip.compress(text(MAN)(told), mtime=0)


def packed(told: Told) -> bytes:
    return archive({"a/cover.txt": told.before, "b/page.pdf": plain(told)})
