"""When a document was written, by what it says of itself, in many languages; else when its file was changed."""

import re
from datetime import UTC, datetime

from agentflow.corpus.blocks import Extract
from agentflow.text.months import DAY_FIRST, YEAR_FIRST, month_number

# The newest date a document tells counts: it says how current its claims are.
CHANGED = """last-modified;last modified;last updated;last revised;last changed;last edited;last update;updated;modified;revised;revision date
    update;date modified;date updated;geändert;zuletzt geändert;zuletzt aktualisiert;zuletzt bearbeitet;aktualisiert;stand;letzte änderung
    letzte aktualisierung;letzte bearbeitung;änderungsdatum;modifié;mis à jour;dernière mise à jour;dernière modification;date de modification
    actualizado;última actualización;última modificación;modificado;fecha de actualización;fecha de modificación;aggiornato
    ultimo aggiornamento;ultima modifica;modificato;data di modifica;bijgewerkt;gewijzigd;laatst gewijzigd;laatst bijgewerkt
    laatste wijziging;atualizado;última atualização;última modificação;modificado em;ændret;opdateret;sidst opdateret;senest opdateret
    oppdatert;sist oppdatert;sist endret;uppdaterad;senast uppdaterad;senast ändrad;päivitetty;viimeksi päivitetty;muokattu;zaktualizowano
    ostatnia aktualizacja;ostatnia zmiana;data modyfikacji;aktualizováno;poslední změna;poslední aktualizace;naposledy upraveno;zmenené
    módosítva;frissítve;utolsó módosítás;utolsó frissítés;actualizat;ultima actualizare;güncelleme;son güncelleme;güncellenme tarihi
    ažurirano;posljednja izmjena;ενημερώθηκε;τελευταία ενημέρωση;обновлено;изменено;дата изменения;дата обновления;последнее обновление
    последнее изменение;оновлено;змінено;дата оновлення;остання зміна;обновено;更新日期;更新时间;更新時間;最后更新;最後更新;修改日期
    更新日;最終更新;最終更新日;更新日時;更新;수정일;최종 수정일;업데이트;آخر تحديث;تاريخ التحديث;עודכן;עדכון אחרון;cập nhật;diperbarui"""
WRITTEN = """date;dated;published;created;posted;issued;date published;publication date;issue date;release date;datum;veröffentlicht;erstellt
    erschienen;veröffentlichungsdatum;publié;créé;date de publication;le;fecha;publicado;creado;fecha de publicación;data;pubblicato;creato
    data di pubblicazione;gepubliceerd;aangemaakt;publicatiedatum;data de publicação;dato;publisert;publiceret;udgivet;publicerad;publicerat
    päivämäärä;päiväys;julkaistu;data publikacji;opublikowano;data utworzenia;publikováno;vydáno;zveřejněno;dátum;dátuma;megjelent;kelt
    tarih;yayın tarihi;objavljeno;ημερομηνία;δημοσιεύθηκε;дата;опубликовано;дата публикации;создано;опубліковано;дата публікації
    публикувано;日期;发布日期;发布时间;發布日期;发表日期;日付;作成日;発行日;公開日;投稿日;날짜;게시일;작성일;발행일;التاريخ;تاريخ النشر;תאריך
    ngày;tanggal;adopted;effective;effective date;effective from;valid from;in force since;gültig ab;in kraft seit;beschlossen"""
DATES = tuple(label.strip() for labels in (CHANGED, WRITTEN) for label in labels.replace("\n", ";").split(";"))
# When the templates of python-docx and python-pptx were made, which their documents bear.
TEMPLATES = {datetime(2013, 12, 23, 23, 15), datetime(2013, 1, 27, 9, 14, 16), datetime(2013, 1, 27, 9, 15, 58)}
PREPOSITION = re.compile(r"\s+(?:on|at|am|le|il|el|em|op|den|dne|dnia|d\.)$")
EAST = re.compile(r"(\d{4})\s*[年년.]\s*(\d{1,2})\s*[月월.]\s*(\d{1,2})\s*[日일.]?")
LABELLED = re.compile(
    rf"({'|'.join(sorted(map(re.escape, DATES), key=len, reverse=True))})\b\s*[:：]?\s*(\S.*)", re.IGNORECASE
)
NAMED = re.compile(r"(?<!\d)(?:1[89]|20)\d\d-\d\d-\d\d(?!\d)")


def date_of(extract: Extract, modified: float, name: str = "") -> str:
    """ISO 8601 day that the document tells, else when the file was last changed."""
    return told_date(extract, name) or datetime.fromtimestamp(modified).date().isoformat()


def told_date(extract: Extract, name: str = "") -> str:
    """ISO 8601 day: from the header fields, the lines that open the text (`Last updated: 3 May 2024`), the format's own
    metadata, a line that is a date alone, the file's name; else empty."""
    opening = list(extract.opening())
    said = {found[1].lower(): found[2] for line in reversed(opening) if (found := LABELLED.match(line))}
    fields = {PREPOSITION.sub("", label.lower()): value for label, value in extract.fields.items()}
    for label in DATES:
        if day := date_of_text(fields.get(label, "")) or date_of_text(said.get(label, "")):
            return day
    alone = next((day for line in opening if (day := day_alone(line))), "")
    named = NAMED.search(name)
    return extract.date or alone or (date_of_text(named[0]) if named else "")


def day_alone(line: str) -> str:
    """The day of a line that says nothing else, but for a place or a day of the week before it; else empty."""
    before, _, after = line.rpartition(", ") if not re.search(r"\d", line.partition(",")[0]) else ("", "", line)
    whole = NAMED.fullmatch(after) or DAY_FIRST.fullmatch(after) or YEAR_FIRST.fullmatch(after) or EAST.fullmatch(after)
    return date_of_text(after) if whole and not re.search(r"\d", before) else ""


def date_of_text(value: str) -> str:
    """The day a text names whole (`05-Jul-2001`, `2024-03-01T10:00`, `March 1, 2024`, `3. März 2024`, `2024年3月1日`), or
    nothing. A day of digits alone with full stops (`1.3.2024`) begins with the day."""
    from dateutil import parser

    if not re.search(r"\d{4}", value) or len(value) > 40 or not re.search(r"[-/. :年년]", value):
        return ""
    if east := EAST.search(value):
        value = "-".join(east.groups())
    elif (named := DAY_FIRST.search(value)) and (month := month_number(named[2])):
        value = f"{named[3]}-{month:02}-{int(named[1]):02}"
    elif (named := YEAR_FIRST.search(value)) and (month := month_number(named[2])):
        value = f"{named[1]}-{month:02}-{int(named[3]):02}"
    try:
        first = bool(re.match(r"\d{1,2}\.", value))
        found = parser.parse(value, default=datetime(1, 1, 1), dayfirst=first, ignoretz=True)
    except (ValueError, OverflowError):
        return ""
    if not 1000 < found.year < 3000:
        return ""
    return local_day(found) if value.rstrip().endswith("Z") else found.date().isoformat()


def local_day(stamp: datetime) -> str:
    """The ISO 8601 day of an instant on this machine's clock, as its author's program showed it; without a zone it is UTC.
    Empty for that of a program's template."""
    if stamp.replace(tzinfo=None) in TEMPLATES:
        return ""
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone().date().isoformat()
