"""Names and what is said of them: options of a manual, settings of a reference, entries of a glossary."""

import pytest

from agentflow.corpus.blocks import Extract
from agentflow.corpus.parsing.chunks import chunks
from agentflow.corpus.readers import html, md, rst


def read(text: str) -> Extract:
    return html.read(text.encode()) if text.startswith("<") else rst.read(text)


def told(text: str) -> list[tuple[str, str]]:
    """The kind and the words of each block."""
    extract = read(text)
    return [(block.kind, " ".join(extract.text[block.start : block.end].split())) for block in extract.blocks]


def headings(text: str) -> dict[str, str]:
    """The heading of the passage that each sentence begins."""
    extract = read(text)
    return {extract.text[chunk.start : chunk.sentences[0].end]: chunk.heading for chunk in chunks(extract)}


@pytest.mark.parametrize(
    "text",
    [
        "base.tmpl\n    The layout\n    of a page.\nlist.tmpl\n    A list.\n",
        ".. option:: base.tmpl\n\n   The layout\n   of a page.\n\n.. option:: list.tmpl\n\n   A list.\n",
        "``base.tmpl``\n\n  The layout\n  of a page.\n\n``list.tmpl``\n\n  A list.\n",
        "<dl><dt>base.tmpl<dd><p>The layout\nof a page.</p><dt><code>list.tmpl</code></dt><dd>A list.</dl>",
    ],
)
def test_a_name_and_the_one_paragraph_on_it_are_one_quote(text: str) -> None:
    assert [(kind, words.replace("`", "")) for kind, words in told(text)] == [
        ("item", "base.tmpl The layout of a page."),
        ("item", "list.tmpl A list."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Options\n=======\n\n.. confval:: depth\n\n   How deep it goes.\n\n   The default is 8.\n\nAnd so on.\n",
        "Options\n=======\n\ndepth\n   How deep it goes.\n\n   The default is 8.\n\nAnd so on.\n",
        "<h1>Options</h1><dl><dt>depth</dt><dd><p>How deep it goes.</p><p>The default is 8.</p></dd></dl><p>And so on.",
    ],
)
def test_a_longer_text_stands_under_its_name(text: str) -> None:
    assert told(text)[1:3] == [("term", "depth How deep it goes."), ("prose", "The default is 8.")]
    assert headings(text)["And so on."] == headings(text)["Options"]


def test_a_name_over_a_list_or_fields_is_a_heading() -> None:
    assert told(".. setting:: depth\n\n   - 8\n   - 9\n")[0] == ("heading", "depth")
    assert told(".. confval:: depth\n   :type: int\n   :default: 8\n\n   How deep it goes.\n")[:2] == [
        ("heading", "depth"), ("field", ":type: int"),
    ]  # fmt: skip
    assert told("<dl><dt>depth</dt><dd><pre>depth = 8</pre></dd></dl>") == [("heading", "depth"), ("code", "depth = 8")]


def test_several_names_of_one_thing_stay_together() -> None:
    assert told("<dl><dt>-a<dt>--all<br>--any<dd>Shows all.</dl>") == [("item", "-a, --all --any Shows all.")]
    assert told("<dl><dt>-a</dt></dl><p>Shows all.</p>") == [("item", "-a"), ("prose", "Shows all.")]
    assert told("<div><dl><dt>-a<dd>Shows all.</dl>And so on.</div>")[1] == ("prose", "And so on.")


def test_names_in_names_end_with_what_is_said_of_them() -> None:
    text = "Api\n===\n\n.. class:: Store\n\n   Holds it.\n\n   .. method:: close\n\n      Ends it.\n\n      Twice is once.\n\n   It is small.\n"
    assert headings(text)["It is small."] == "Api › Store"


def test_a_note_goes_on_in_its_next_lines() -> None:
    assert told(".. note:: This is\n   one sentence.\n") == [("prose", "This is one sentence.")]
    assert told(".. versionadded:: 1.2\n   The pool.\n") == [("item", "versionadded:: 1.2 The pool.")]


def test_what_only_print_shows_and_styles_are_left_out() -> None:
    assert told(".. only:: latex\n\n   In print.\n\n.. only:: html\n\n   On the page.\n") == [("prose", "On the page.")]
    assert told(".. class:: lead wide\n\nA text.\n\n.. figure:: a.png\n\n   Caption.\n") == [
        ("prose", "A text."), ("prose", "Caption."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("max_size", "term"), ("`--size N`", "term"), ("size", "term"), ("os.path", "term"), ("Size", "heading"), ("Post-install", "heading"), ("--no-index", "term"), ("3.2.1", "heading"), ("The size", "heading")],
)  # fmt: skip
def test_a_heading_that_is_a_name_in_a_program_is_quoted_with_what_is_said_of_it(heading: str, kind: str) -> None:
    extract = md.read(f"# Settings\n\n## {heading}\n\nThe largest body. In bytes.\n\nDefault: `8`\n")
    passage = next(iter(chunks(extract)))
    said = {extract.text[one.start : one.end]: one.kind for one in passage.sentences}
    assert said["In bytes."] == ("item" if kind == "term" else "prose") and said["Default: `8`"] == "prose"
    assert (f"{heading}\n\nThe largest body." in said) == (kind == "term")


def test_a_value_below_a_name_stays_a_line_of_its_own() -> None:
    extract = md.read("# Settings\n\n## size\n\n**Default:** `8`\n\nThe largest body.\n")
    assert [one.kind for one in next(iter(chunks(extract))).sentences] == ["heading", "heading", "prose", "prose"]
