"""What a document is called and who wrote it, by what it says of itself."""

import re
from pathlib import PurePath

from agentflow.corpus.blocks import Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers.lines import field_of

AUTHOR = "author authors by autor auteur autore autorin verfasser автор 作者 著者 저자".split()
TITLE = ("title", "subject", "name")
SHORT = 24
# Titles that programs give: of the program or the template, not of the document.
PROGRAM = re.compile(
    r"(?i)^(?:microsoft (?:word|excel|power\s?point|office\w*)|(?:open|libre)office[\w. ]*|pages|google docs|print(?:ing)?)\s*[-–:]\s*"
)
SUFFIX = re.compile(
    r"(?i)\.(?:docx?|dotx?|odt|rtf|txt|pdf|tex|dvi|ps|pptx?|xlsx?|indd|qxd|pmd|pub|pages|wpd|md|html?|tmp)$"
)
PATH = re.compile(
    r"^(?:[A-Za-z]:\\|\\\\|file:/+|/(?:home|Users|tmp|var)/)(?:.*[\\/])?"
)  # of the file on its writer's machine
USELESS = re.compile(
    r"(?i)(?:(?:microsoft|ms|libre\s?office|open\s?office)\s*)?"
    r"(?:untitled|unbenannt\w*|ohne titel|sans titre|sin t[ií]tulo|senza titolo|sem t[ií]tulo|zonder titel|naamloos|utan titel"
    r"|nimet[öo]n|bez (?:tytułu|názvu|naslova)|névtelen|adsız|başlıksız|без (?:названия|имени|назви)|无标题|無標題|无题|無題|未命名|제목 없음"
    r"|unknown|no title|new|neues?|nouveau|nuevo|nuovo|novo|nieuw|nowy|nový|новый|新建|microsoft|blank|word|writer|calc|impress"
    r"|standard|default)?"
    r"[\s_-]*(?:document|dokument|documento|asiakirja|belge|документ|文档|文書|문서|page|file|presentation|pr[äa]sentation|slides?|folie|workbook|layout|template"
    r"|vorlage|scan(?:ned)?(?: document)?|image|print(?:job)?|title|titel|normal|memo)?[\s_-]*(?:\(?\d+\)?)?"
    r"|(?:power\s?point|excel|word|ms word|tex output.*|\(?anonymous\)?|unspecified|none|null|n/?a|home|index)"
    r"|(?:scanned by |made with )?(?:camscanner|genius scan|adobe scan|scan2pdf|img|dsc|dscn|scn|doc|pxl|pic|foto|photo)[\s\d_.:-]*\w{0,3}"
    r"|powerpoint[- ]pr[äa]sentation|powerpoint presentation|a?pr[eé]sent\w*(?: standard)?(?: (?:di|de|do))? (?:microsoft )?powerpoint"
    r"|(?:document|documento|dokument|fichier|page)\s+(?:sans|sin|senza|sem|ohne|bez)\s+\w+|adobe (?:photoshop|illustrator|indesign|acrobat)\b.*|\W*"
)

FILE = re.compile(r"^(?=\S*(?:[_-]|[a-z]\d))\S+$", re.IGNORECASE)  # a word as files are named


def title_of(extract: Extract, path: PurePath) -> str:
    """Front matter or header field, then the reader's (HTML, PDF), then the first heading that may be one, then the file name."""
    fields = {label.lower(): value for label, value in extract.fields.items()}
    named = next((fields[name] for name in TITLE if fields.get(name)), "")
    if named:
        return _one_line(f"{_number(extract.fields)}{named}")
    own = meant(extract.title)
    if own and not (own == path.stem and FILE.search(own)):
        return _one_line(own)
    for block in extract.blocks[:40]:
        if block.kind == "heading" and not extract.untitled:
            return _one_line(extract.text[block.start : block.end])
    return path.name


def meant(title: str) -> str:
    """A title as its writer meant it, without the name of a program or of a file's format; empty where nobody gave one,
    as where a program wrote the file's name (`Microsoft Word - draft3.doc`)."""
    framed = title.startswith("(") and title.endswith(")")
    title = PATH.sub("", " ".join(title.split()).strip("()" if framed else None))
    bare = SUFFIX.sub("", PROGRAM.sub("", title)).strip(" -–_")
    file = bool(PROGRAM.match(title) or SUFFIX.search(title))
    return "" if USELESS.fullmatch(bare) or (file and bare.isascii() and " " not in bare) else bare if file else title


def author_of(extract: Extract) -> str:
    """By the header fields, the lines that open the text, else by the format's own metadata; empty where none tells."""
    said = [found for line in extract.opening() if (found := field_of(line))]
    fields = {label.lower(): value for label, value in [*said, *extract.fields.items()]}
    return next((fields[name] for name in AUTHOR if fields.get(name)), extract.author)[:300]


def _number(fields: dict[str, str]) -> str:
    """A header that opens with a number of its own (`RFC: 2119`, `Ticket: AB-12`) is known by that number."""
    label, value = next(iter(fields.items()))
    if label.lower() in TITLE or len(value) > SHORT or not re.search(r"\d", value) or date_of_text(value):
        return ""
    return f"{value} – " if label.lower() in ("id", "number", "no") else f"{label} {value} – "


def _one_line(title: str) -> str:
    return " ".join(re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", title).split())[:200]
