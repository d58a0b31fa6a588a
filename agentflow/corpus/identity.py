"""What a document is called and when it was written, by what it says of itself."""

import re
from datetime import datetime
from pathlib import PurePath

from agentflow.corpus.blocks import Extract

AUTHOR = (
    "author",
    "authors",
    "by",
    "autor",
    "auteur",
    "autore",
    "autorin",
    "verfasser",
    "автор",
    "作者",
    "著者",
    "저자",
)
TITLE = ("title", "subject", "name")
# The newest date a document tells counts: it says how current its claims are.
DATES = tuple(
    """last-modified;last modified;last updated;updated;modified;revised
    geändert;zuletzt geändert;aktualisiert;stand;letzte änderung
    modifié le;modifié;mis à jour le;mis à jour;dernière mise à jour
    actualizado;última actualización;modificado;aggiornato;ultimo aggiornamento;modificato
    bijgewerkt;gewijzigd;laatst gewijzigd;atualizado;última atualização;modificado em;ændret;opdateret;oppdatert;uppdaterad
    zaktualizowano;обновлено;изменено;дата изменения;更新日期;更新日;更新;修改日期;수정일
    date;published;created
    datum;veröffentlicht;erstellt;publié le;publié;créé le;le;fecha;publicado;creado;data;pubblicato;creato
    gepubliceerd;aangemaakt;dato;publisert;data publikacji;дата;опубликовано;создано;日期;日付;発行日;公開日;날짜;게시일""".replace(
        "\n    ", ";"
    ).split(";")
)
# Months as dateutil does not know them: their first letters, in the languages above.
MONTHS = [
    "jan jän gen ene sty янв", "feb fév fev lut фев", "mar mär maa mrt мар", "apr avr abr kwi апр", "mai may mag maj maio maj мая май",
    "jun juin giu cze июн", "jul juil lug lip июл", "aug août aou ago sie авг", "sep set sett wrz сен", "okt oct ott out paź paz окт",
    "nov lis ноя", "dez dec déc dic grudz gru дек",
]  # fmt: skip
SHORT = 24
# Titles that programs give: of the program or the template, not of the document.
PROGRAM = re.compile(
    r"(?i)^(?:microsoft (?:word|excel|power\s?point|office\w*)|(?:open|libre)office[\w. ]*|pages|google docs|print(?:ing)?)\s*[-–:]\s*"
)
SUFFIX = re.compile(
    r"(?i)\.(?:docx?|dotx?|odt|rtf|txt|pdf|tex|dvi|ps|pptx?|xlsx?|indd|qxd|pmd|pub|pages|wpd|md|html?|tmp)$"
)
USELESS = re.compile(
    r"(?i)(?:untitled|unbenannt|ohne titel|sans titre|sin t[ií]tulo|senza titolo|no title|new|microsoft|blank|word|standard|default)?"
    r"[\s_-]*(?:document|dokument|documento|page|file|presentation|pr[äa]sentation|slides?|folie|workbook|layout|template"
    r"|vorlage|scan(?:ned)?(?: document)?|image|print(?:job)?|title|titel|normal|memo)?[\s_-]*(?:\(?\d+\)?)?"
    r"|(?:power\s?point|excel|word|ms word|tex output.*|\(?anonymous\)?|unspecified|none|null|n/?a|home|index)"
    r"|powerpoint[- ]pr[äa]sentation|powerpoint presentation|\W*"
)


def title_of(extract: Extract, path: PurePath) -> str:
    """Front matter or header field, then the reader's (HTML, PDF), then the first heading, then the file name."""
    fields = {label.lower(): value for label, value in extract.fields.items()}
    named = next((fields[name] for name in TITLE if fields.get(name)), "")
    if named:
        return _one_line(f"{_number(extract.fields)}{named}")
    if own := meant(extract.title):
        return _one_line(own)
    for block in extract.blocks[:40]:
        if block.kind == "heading":
            return _one_line(extract.text[block.start : block.end])
    return path.name


def meant(title: str) -> str:
    """A title as its writer meant it, without the name of a program or of a file's format; empty where nobody gave one."""
    title = " ".join(title.split())
    bare = SUFFIX.sub("", PROGRAM.sub("", title)).strip(" -–_")
    return "" if USELESS.fullmatch(bare) else bare if PROGRAM.match(title) or SUFFIX.search(title) else title


def author_of(extract: Extract) -> str:
    """By the header fields, else by the format's own metadata; empty where neither tells."""
    fields = {label.lower(): value for label, value in extract.fields.items()}
    return next((fields[name] for name in AUTHOR if fields.get(name)), extract.author)[:300]


def _number(fields: dict[str, str]) -> str:
    """A header that opens with a number of its own (`RFC: 2119`, `Ticket: AB-12`) is known by that number."""
    label, value = next(iter(fields.items()))
    if label.lower() in TITLE or len(value) > SHORT or not re.search(r"\d", value) or date_of_text(value):
        return ""
    return f"{value} – " if label.lower() in ("id", "number", "no") else f"{label} {value} – "


def _one_line(title: str) -> str:
    return " ".join(re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", title).split())[:200]


def date_of(extract: Extract, modified: float) -> str:
    """ISO 8601 day: from the header fields, the format's own metadata, else when the file was last changed."""
    fields = {label.lower(): value for label, value in extract.fields.items()}
    for name in DATES:
        if found := date_of_text(fields.get(name, "")):
            return found
    return extract.date or datetime.fromtimestamp(modified).date().isoformat()


def date_of_text(value: str) -> str:
    """The day a text names whole (`05-Jul-2001`, `2024-03-01T10:00`, `March 1, 2024`, `3. März 2024`, `2024年3月1日`), or
    nothing. A day of digits alone with full stops (`1.3.2024`) begins with the day."""
    from dateutil import parser

    if not re.search(r"\d{4}", value) or len(value) > 40 or not re.search(r"[-/. :年년]", value):
        return ""
    if east := re.search(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]", value):
        value = "-".join(east.groups())
    elif (
        named := re.search(
            r"\b(\d{1,2})(?:er|º|\.)?\s+(?:de\s+|di\s+)?([^\W\d_]{3,})\.?,?\s+(?:de\s+|del\s+)?(\d{4})\b", value
        )
    ) and (month := _month(named[2])):
        value = f"{named[3]}-{month:02}-{int(named[1]):02}"
    try:
        found = parser.parse(value, default=datetime(1, 1, 1), dayfirst=bool(re.match(r"\d{1,2}\.", value)))
    except (ValueError, OverflowError):
        return ""
    return found.date().isoformat() if 1000 < found.year < 3000 else ""


def _month(name: str) -> int:
    """1 to 12, or 0; the longest beginning that fits decides."""
    fits = [
        (len(start), at)
        for at, starts in enumerate(MONTHS, 1)
        for start in starts.split()
        if name.lower().startswith(start)
    ]
    return max(fits, default=(0, 0))[1]
