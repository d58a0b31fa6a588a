"""Manual pages, AsciiDoc and Texinfo: what a person reads of them, each with its line; and what is none of them."""

import gzip
import zlib
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.corpus.blocks import Extract
from agentflow.corpus.parsing.identity import title_of
from agentflow.corpus.readers import format_of, texinfo
from agentflow.corpus.readers.asciidoc import reader as asciidoc
from agentflow.corpus.readers.roff import gzipped
from agentflow.corpus.readers.roff import reader as roff
from agentflow.corpus.readers.roff.mdoc_words import MACROS
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.store import place

PAGE = r"""'\" t
.\" Made by hand.
.de URX
.B \\$1
is \\$2.
..
.ie \n(.g .ds Aq \(aq
.el .ds Aq '
.TH HARBOUR 1 "2024-03-05" "harbour 2.1" "User Commands"
.SH NAME
harbour \- open and close a harbour
.SH SYNOPSIS
.B harbour
[\fIOPTION\fR]... \fIFILE\fR
.br
.BR harbour " [" \-\-help ]
.SH OPTIONS
.TP
.BR \-f ", " \-\-file= \fIARCHIVE\fR
Use archive file
.IR ARCHIVE .
.TP
\fB\-q\fP
.TQ
\fB\-\-quiet\fP
Don\*(Aqt write caf\('e\& or \[u20AC]5\e.
.IP \(bu 2
A bullet.
.PP
\fB\-\-tide=\fR\fIHOURS\fR
.RS 4
Wait for the tide.
.RE
.SS "Exit status"
Zero.
.if t Not on a terminal.
.URX "The pier" long
.PP
.nf
harbour \-\-open \e
    now
.fi
See
.UR https://example.org
the site
.UE .
.TS
tab(|) allbox;
lb lb
l l.
Code|Meaning
0|All went
1|T{
The gate is
.B shut
T}
.TE
"""
BSD = r""".Dd March 4, 2021
.Dt HARBOUR 8
.Os
.Sh NAME
.Nm harbour
.Nd open and close a harbour
.Sh SYNOPSIS
.Nm
.Op Fl f Ar file , Fl q
.Oo Fl \-tide Ns = Ns Ar hours Oc
.Ar
.Nm
.Fl h
.Sh DESCRIPTION
The
.Nm
utility
.Pq see Xr gate 5
reads
.Pa /etc/harbour ,
then
.Dq waits .
.Bl -tag -width indent
.It Fl f Ar file
Use
.Ar file .
.It Xo
.Fl q
.Xc
Be quiet.
.El
.Bl -bullet
.It
One.
.El
.Bd -literal
harbour -f  x
.Ed
.Dl harbour -q
.Fn open "int a" "char *b"
.Bl -column a b
.It Day Ta Hours
.El
"""
DOC = """= Harbour Manual
Ann Berg <ann@example.org>
v1.2, 2024-03-05: third edition
:toc: left
:keywords: tide, gate
// a comment

Opening words of the
harbour.

////
hidden
////

== Hours ==

.Times of day
[%header,cols="1,2"]
|===
|Day |Hours

|Monday
|8 to 12
|Sunday |closed
|===

[source,sh]
----
harbour --open
----

* One item
goes on
** Two items
+
And more of it.

NOTE: Mind the gap.

-f::
--force::
\tOpens by force.
-q:: Quiet.

[verse]
harbour [-f]

 literal

Options
-------
include::b.adoc[]
====
In an example.
====
----
never closed
"""
INFO = r"""\input texinfo
@settitle Harbour Manual
@author Ann Berg
@set VERSION 3.1
@node Top
@top Harbour
Version @value{VERSION} of
@command{harbour}. @xref{Invoking, , the part on calls}.
@menu
* Invoking::
@end menu
@section Invoking @code{harbour}
@cindex invoking
@samp{a @var{b}} and ann@@example.org.

@table @option
@item -f
@itemx --force
Opens by force.
@end table
@example
harbour --open @{x@}
@end example
@multitable @columnfractions .5 .5
@headitem Day @tab Hours
@item Sunday
@tab closed
@end multitable
"""


def shown(extract: Extract) -> list[tuple[int, str, str]]:
    """Of each block the line in the file, the kind, and the text."""
    return [
        (place(extract.text, block.start, extract.lines, [], [])[0], block.kind, extract.text[block.start : block.end])
        for block in extract.blocks
    ]


def test_a_manual_page_is_read_as_a_terminal_shows_it() -> None:
    extract = roff.read(PAGE)
    assert (extract.title, extract.date) == ("harbour(1)", "2024-03-05")
    assert shown(extract) == [
        (10, "heading", "NAME"),
        (11, "prose", "harbour - open and close a harbour"),
        (12, "heading", "SYNOPSIS"),
        (13, "prose", "harbour [OPTION]... FILE"),
        (16, "prose", "harbour [--help]"),
        (17, "heading", "OPTIONS"),
        (19, "item", "-f, --file=ARCHIVE Use archive file ARCHIVE."),
        (23, "item", "-q --quiet Don't write café or €5\\."),
        (28, "item", "A bullet."),
        (30, "item", "--tide=HOURS Wait for the tide."),
        (34, "heading", "Exit status"),
        (35, "prose", "Zero. The pier is long."),
        (40, "code", "harbour --open \\"),
        (41, "code", "now"),
        (43, "prose", "See the site <https://example.org>."),
        (51, "columns", "Code | Meaning"),
        (52, "row", "0 | All went"),
        (53, "row", "1 | The gate is shut"),
    ]


def test_a_page_of_the_bsd_macros_is_read() -> None:
    extract = roff.read(BSD)
    assert (extract.title, extract.date) == ("harbour(8)", "2021-03-04")
    assert shown(extract) == [
        (4, "heading", "NAME"),
        (5, "prose", "harbour – open and close a harbour"),
        (7, "heading", "SYNOPSIS"),
        (8, "prose", "harbour [-f file, -q] [--tide=hours] file ..."),
        (12, "prose", "harbour -h"),
        (14, "heading", "DESCRIPTION"),
        (15, "prose", "The harbour utility (see gate(5)) reads /etc/harbour, then “waits”."),
        (24, "item", "-f file Use file."),
        (28, "item", "-q Be quiet."),
        (34, "item", "One."),
        (37, "code", "harbour -f  x"),
        (39, "code", "harbour -q"),
        (40, "prose", "open(int a, char *b)"),
        (42, "row", "Day | Hours"),
    ]


def test_asciidoc_titles_lists_tables_and_code_stand_alone() -> None:
    extract = asciidoc.read(DOC)
    assert extract.text == DOC
    assert (title_of(extract, PurePath("a.adoc")), extract.author) == ("Harbour Manual", "Ann Berg")
    assert (extract.date, extract.tags) == ("2024-03-05", ["tide", "gate"])
    assert shown(extract) == [
        (1, "heading", "Harbour Manual"),
        (2, "field", "Ann Berg <ann@example.org>"),
        (3, "field", "v1.2, 2024-03-05: third edition"),
        (5, "field", ":keywords: tide, gate"),
        (8, "prose", "Opening words of the\nharbour."),
        (15, "heading", "Hours"),
        (17, "prose", "Times of day"),
        (20, "columns", "Day |Hours"),
        (22, "row", "Monday\n|8 to 12"),
        (24, "row", "Sunday |closed"),
        (29, "code", "harbour --open"),
        (32, "item", "One item\ngoes on"),
        (34, "item", "Two items"),
        (36, "item", "And more of it."),
        (38, "prose", "NOTE: Mind the gap."),
        (40, "item", "-f::\n--force::\n\tOpens by force."),
        (43, "item", "-q:: Quiet."),
        (46, "row", "harbour [-f]"),
        (48, "code", "literal"),
        (50, "heading", "Options"),
        (54, "prose", "In an example."),
        (57, "prose", "never closed"),
    ]


def test_texinfo_is_read_without_its_commands() -> None:
    extract = texinfo.read(INFO)
    assert (extract.title, extract.author) == ("Harbour Manual", "Ann Berg")
    assert shown(extract) == [
        (6, "heading", "Harbour"),
        (7, "prose", "Version 3.1 of harbour. See the part on calls."),
        (12, "heading", "Invoking harbour"),
        (14, "prose", "a b and ann@example.org."),
        (17, "item", "-f --force Opens by force."),
        (22, "code", "harbour --open {x}"),
        (25, "columns", "Day | Hours"),
        (26, "row", "Sunday | closed"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("harbour.1", PAGE, "man"),
        ("harbour.3pm", BSD, "man"),
        ("harbour.n", ".\\\" long\n" * 2000 + ".TH a n\n", "man"),
        ("app.log.1", "2021-03-04 10:00:00 started\n.TH is no title here\n", "txt"),
        ("notes.7", ".hidden files are listed\n.TH A 1\n", "txt"),
        ("top.1", ".ig\n. notes\n..\n\\#  Setup ----\n.ds ZX Accessing smaps \\\nneeds root\n.TH TOP 1\n", "man"),
        ("git.txt", "git(1)\n======\n\nSYNOPSIS\n--------\n[verse]\n'git' [-v]\n", "asciidoc"),
        ("config.txt", "add.one::\n\tText.\nadd.two::\n\tText.\n", "asciidoc"),
        ("notes.txt", "A list::\n\n    code\n\n= and other signs =\n", "txt"),
        ("general.rst.inc", "x", "rst"),
        ("README.md.in", "x", "md"),
        ("page.html.j2", "x", "html"),
        ("config.h.in", "x", "code"),
        ("Makefile.in", "x", "txt"),
        ("photo.pdf.in", "x", "txt"),
        ("harbour.1.gz", "x", "man"),
        ("backup.gz", "x", "txt"),
    ],
)  # fmt: skip
def test_the_content_or_the_inner_suffix_tells_what_it_is(name: str, content: str, kind: str) -> None:
    assert format_of(PurePath(name), content.encode()).kind == kind


def test_a_packed_page_is_unpacked_within_bounds() -> None:
    assert gzipped.read(gzip.compress(PAGE.encode())).title == "harbour(1)"
    bomb = zlib.compressobj(wbits=31)
    for content, reason in (
        (bomb.compress(b"\0" * 30_000_000) + bomb.flush(), "more than the limit"),
        (b"no", "damaged gzip"),
        (gzip.compress(b"%PDF-1.4"), "no manual page"),
    ):
        with pytest.raises(Unreadable, match=reason):
            gzipped.read(content)


REQUESTS = st.sampled_from(
    sorted(MACROS)
    + "TH Dd SH Sh SS PP TP TQ IP RS RE nf fi br sp B BR I so UR UE Bl It El Bd Ed TS TE de .. ie if el ds".split()
)
WORDS = st.lists(
    REQUESTS | st.sampled_from(["a", "\\fB", "\\*x", '"', "n", "\\{", "\\}", "x y", "\\", "-tag", ".", "T{", "\t"]),
    max_size=6,
)


@given(st.lists(st.tuples(st.sampled_from([".", "'", ""]), REQUESTS, WORDS), max_size=30), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_requests_give_blocks_in_order_on_lines_of_the_file(
    lines: list[tuple[str, str, list[str]]], bsd: bool
) -> None:
    text = "\n".join(
        [".Dd today" if bsd else ".TH A 1", *(f"{dot}{name} {' '.join(words)}" for dot, name, words in lines)]
    )
    extract = roff.read(text)
    at = 0
    for block in extract.blocks:
        assert at <= block.start < block.end <= len(extract.text)
        at = block.end
    assert all(1 <= line <= text.count("\n") + 1 for line, _, _ in shown(extract))
