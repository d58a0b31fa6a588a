"""Formats and variants of them, each with where its fact stands and the languages that it can be written in."""

from typing import NamedTuple

from tests.corpus import made_office, made_pages, made_texts
from tests.corpus.facts import LANGUAGES
from tests.corpus.made_texts import NEWS, NOTE, PAGE, RIS, SUBTITLES, TOML, YAML, Made, letter, old, text

ALL = tuple(LANGUAGES)
LATIN = ("en", "de", "fr", "es", "it", "pt")
PRINTED = tuple(language for language in ALL if language not in ("th", "ar", "hi"))  # that a font is at hand for
SPACED = (*LATIN, "ru", "pl", "el")


class Variant(NamedTuple):
    """`place` is what stands behind the file's name: the page, sheet, slide or part, and the line."""

    make: Made
    place: str
    languages: tuple[str, ...] = ALL


VARIANTS: dict[str, Variant] = {
    # Text
    "utf8.txt": Variant(text(NOTE), ":5"),
    "mark.txt": Variant(text(NOTE, "utf-8-sig"), ":5"),
    "windows.txt": Variant(text(NOTE, end="\r\n"), ":5"),
    "utf16.txt": Variant(text(NOTE, "utf-16"), ":5"),
    "utf16le.txt": Variant(text(NOTE, "utf-16-le"), ":5"),
    "utf32.txt": Variant(text(NOTE, "utf-32"), ":5"),
    "latin1.txt": Variant(text(NOTE, "latin-1"), ":5", LATIN),
    "cp850.txt": Variant(text(NOTE, "cp850"), ":5", LATIN),
    "mac.txt": Variant(text(NOTE, "mac_roman", "\r"), ":5", LATIN),
    "sjis.txt": Variant(text(NOTE, "shift_jis"), ":5", ("ja",)),
    "eucjp.txt": Variant(text(NOTE, "euc_jp"), ":5", ("ja",)),
    "jis.txt": Variant(text(NOTE, "iso2022_jp"), ":5", ("ja",)),
    "gb18030.txt": Variant(text(NOTE, "gb18030"), ":5", ("zh",)),
    "euckr.txt": Variant(text(NOTE, "euc_kr"), ":5", ("ko",)),
    "cp1251.txt": Variant(text(NOTE, "cp1251"), ":5", ("ru",)),
    "cp1250.txt": Variant(text(NOTE, "cp1250"), ":5", ("pl",)),
    "cp1253.txt": Variant(text(NOTE, "cp1253"), ":5", ("el",)),
    "cp1256.txt": Variant(text(NOTE, "cp1256"), ":5", ("ar",)),
    "koi8.txt": Variant(text(NOTE, "koi8_r"), ":5", ("ru",)),
    "tis620.txt": Variant(text(NOTE, "tis_620"), ":5", ("th",)),
    "wrapped.txt": Variant(made_texts.wrapped, ":3"),
    "day.log": Variant(text("2021-03-04 10:00:00 INFO {before}\n2021-03-04 10:00:01 WARN {fact}\n"), ":2"),
    "wrapped.md": Variant(lambda told: b"# A\n\n" + made_texts.wrapped(told), ":5"),
    "film.srt": Variant(text(SUBTITLES), ":7"),
    "film.vtt": Variant(text("WEBVTT\n\n" + SUBTITLES), ":9"),
    # Markup
    "notes.md": Variant(text("---\ntitle: {title}\ntags: [a, b]\n---\n# {title}\n\n{before} {fact} {after}\n"), ":7"),
    "list.md": Variant(text("# {title}\n\n- {before}\n- **{fact}**\n"), ":4"),
    "quoted.md": Variant(text("# {title}\n\n{before}\n\n> {fact}\n"), ":5"),
    "table.md": Variant(text("| no | what |\n|---|---|\n| 1 | {before} |\n| 2 | {fact} |\n"), ":4"),
    "note.md": Variant(text("{before}[^1]\n\n[^1]: {fact}\n"), ":3"),
    "notes.rst": Variant(text("{title}\n" + "=" * 40 + "\n\n{before}\n\n* {fact}\n"), ":6"),
    "notes.org": Variant(text("#+TITLE: {title}\n* One\n{before}\n** Two\n{before} {fact}\n"), ":5"),
    "table.org": Variant(old("table.org"), ":4"),
    "notes.tex": Variant(old("notes.tex"), ":8"),
    "table.tex": Variant(old("table.tex"), ":11"),
    "list.tex": Variant(old("list.tex"), ":10"),
    "accents.tex": Variant(made_texts.accents, ":5", LATIN),
    "page.html": Variant(text(PAGE.format("utf-8")), ":3"),
    "latin1.html": Variant(text(PAGE.format("iso-8859-1"), "latin-1"), ":3", LATIN),
    "cp1256.html": Variant(text(PAGE.format("windows-1256"), "cp1256"), ":3", ("ar",)),
    "sjis.html": Variant(text(PAGE.format("shift_jis"), "shift_jis"), ":3", ("ja",)),
    "gb.html": Variant(text(PAGE.format("gb2312"), "gb2312"), ":3", ("zh",)),
    "euckr.html": Variant(text(PAGE.format("euc-kr"), "euc_kr"), ":3", ("ko",)),
    "koi8.html": Variant(text(PAGE.format("koi8-r"), "koi8_r"), ":3", ("ru",)),
    "news.html": Variant(text(NEWS), ":4"),
    "table.html": Variant(old("table.html"), ":2"),
    "entities.html": Variant(made_texts.entities, ":2"),
    # Records
    "rows.csv": Variant(text('no,what\n1,{before}\n2,"{fact}"\n'), ":3"),
    "excel.csv": Variant(text("no;what\n1;{before}\n2;{fact}\n", "cp1252", "\r\n"), ":3", LATIN),
    "breaks.csv": Variant(text('no,what\n1,"{before}\n{after}"\n2,"{fact}"\n'), ":4"),
    "rows.tsv": Variant(text("no\twhat\n1\t{before}\n2\t{fact}\n"), ":3"),
    "unicode.tsv": Variant(text("no\twhat\n1\t{before}\n2\t{fact}\n", "utf-16", "\r\n"), ":3"),
    "data.json": Variant(made_texts.escaped, ":7"),
    "deep.json": Variant(old("deep.json"), ":1"),
    "lines.jsonl": Variant(old("lines.jsonl"), ":2"),
    "data.xml": Variant(old("data.xml"), ":3"),
    "doc.xml": Variant(old("doc.xml"), ":3"),
    "utf16.xml": Variant(old("utf16.xml"), ":2"),
    "latin1.xml": Variant(
        text('<?xml version="1.0" encoding="iso-8859-1"?>\n<doc>\n<p>{fact}</p></doc>', "latin-1"), ":3", LATIN
    ),
    "refs.bib": Variant(old("refs.bib"), ":3"),
    "csl.json": Variant(old("csl.json"), ":2"),
    "refs.ris": Variant(text(RIS), ":4"),
    "code.py": Variant(old("code.py"), ":2"),
    "doc.py": Variant(text('def f():\n    """{title}\n\n    {fact}\n    """\n'), ":4"),
    "set.yaml": Variant(text(YAML), ":4"),
    "set.toml": Variant(text(TOML), ":5"),
    "book.ipynb": Variant(old("book.ipynb"), ":1"),
    "code.ipynb": Variant(made_texts.cells, ":4"),
    # Mail
    "letter.eml": Variant(old("letter.eml"), ":8"),
    "printable.eml": Variant(lambda told: letter(told, "utf-8"), ":8"),
    "page.eml": Variant(lambda told: letter(told, "utf-8", html=True), ":7"),
    "jis.eml": Variant(lambda told: letter(told, "iso-2022-jp", cte="7bit"), ":8", ("ja",)),
    "koi8.eml": Variant(lambda told: letter(told, "koi8-r", cte="base64"), ":8", ("ru",)),
    "gb.eml": Variant(lambda told: letter(told, "gb2312", cte="8bit"), ":8", ("zh",)),
    "answer.eml": Variant(made_texts.answered, ":6"),
    "box.mbox": Variant(old("box.mbox"), " (message 2):8"),
    # Office
    "notes.docx": Variant(made_office.paragraph, ":2"),
    "list.docx": Variant(made_office.listed, ":3"),
    "merged.docx": Variant(made_office.merged, ":4"),
    "notes.odt": Variant(old("notes.odt"), ":3"),
    "table.odt": Variant(old("table.odt"), ":3"),
    "notes.rtf": Variant(old("notes.rtf"), ":2"),
    "costs.xlsx": Variant(old("costs.xlsx"), " (sheet Costs):3"),
    "third.xlsx": Variant(made_office.sheet, " (sheet Third sheet):5"),
    "pandas.xlsx": Variant(made_office.framed, " (sheet Data):3"),
    "costs.ods": Variant(old("costs.ods"), " (sheet Costs):5"),
    "talk.pptx": Variant(old("talk.pptx"), " (slide 2):2"),
    "table.pptx": Variant(old("table.pptx"), " (slide 2):3"),
    "notes.pptx": Variant(old("notes.pptx"), " (slide 2):2"),
    "group.pptx": Variant(old("group.pptx"), " (slide 2):2"),
    "bullets.pptx": Variant(made_office.bullets, " (slide 3):3"),
    "chart.pptx": Variant(made_office.captioned, " (slide 1):4"),
    "talk.odp": Variant(old("talk.odp"), " (slide 2):2"),
    "book.epub": Variant(old("book.epub"), " (chapter 2):2"),
    # Pages
    "plain.pdf": Variant(made_pages.plain, " p. 2:2", PRINTED),
    "broken.pdf": Variant(made_pages.broken, " p. 2:2", PRINTED),
    "hyphens.pdf": Variant(made_pages.hyphens, " p. 2:2", SPACED),
    "columns.pdf": Variant(made_pages.columns, " p. 2:13", PRINTED),
    "framed.pdf": Variant(made_pages.framed, " p. 2:2", PRINTED),
    "footnote.pdf": Variant(made_pages.footnote, " p. 2:3", PRINTED),
    "table.pdf": Variant(made_pages.table, " p. 2:4", PRINTED),
    "set.pdf": Variant(made_pages.set_in, " p. 2:2", PRINTED),
    # Archives
    "files.zip": Variant(old("files.zip"), " (file a/two.md):3"),
    "talk.zip": Variant(old("talk.zip"), " (file talk.pptx, slide 2):2"),
    "pages.zip": Variant(made_texts.packed, " (file b/page.pdf, page 2):2", PRINTED),
    # Manuals
    "tool.1": Variant(text(made_texts.MAN), ":11"),
    "tool.8": Variant(text(made_texts.MDOC), ":12"),
    "table.7": Variant(text(made_texts.TBL), ":10"),
    "tool.3.gz": Variant(made_texts.gzipped, ":11"),
    "notes.adoc": Variant(text("= {title}\n:toc:\n\n{before}\n\n== Two\n\n{before} {fact}\n"), ":8"),
    "table.adoc": Variant(text("[%header]\n|===\n|no |what\n\n|1\n|{before}\n\n|2\n|{fact}\n|===\n"), ":9"),
    "terms.txt": Variant(text("{before}\n\n[horizontal]\n-a::\n\t{before}\n-b::\n\t{fact}\n"), ":7"),
    "notes.texi": Variant(text(made_texts.TEXINFO), ":8"),
    # Templates
    "notes.rst.inc": Variant(text("{title}\n" + "=" * 40 + "\n\n{before}\n\n* {fact}\n"), ":6"),
    "page.html.j2": Variant(text(PAGE.format("utf-8")), ":3"),
}
