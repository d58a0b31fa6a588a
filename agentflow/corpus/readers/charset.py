"""Code pages: which codec a label means, and which one a text without a label is written in."""

import codecs
import re

# What browsers read under these names (WHATWG Encoding): each is the larger set that people really write.
READ_AS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
LABELS = {
    "windows-874": "cp874", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "x-sjis": "cp932",
    "x-gbk": "gb18030", "x-euc-jp": "euc_jp", "x-x-big5": "big5hkscs", "x-cp1251": "cp1251", "x-cp1252": "cp1252",
    "x-cp1250": "cp1250", "x-mac-cyrillic": "mac_cyrillic", "x-mac-roman": "mac_roman", "ks_c_5601-1989": "cp949",
    "unicode-1-1-utf-8": "utf-8", "windows-949": "cp949", "unicode": "utf-8", "utf-16": "utf-8", "utf-16le": "utf-8",
    "utf-16be": "utf-8",
}  # fmt: skip
LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-4")
OLDER = ("cp1252", "cp850", "mac_roman")  # what Windows, DOS and the old Macintosh wrote in western Europe
MACINTOSH = ("mac_roman", "cp1252", "cp850")  # the likeliest where lines end as on the old Macintosh alone
SAMPLE = 200_000
HUNGARIAN = set("áéíóöõúüû")  # as windows-1252 shows them: ő and ű look like õ and û
INNER_YA = re.compile(r"(?<=[а-ю])Я(?![А-Я])")  # the small я of the old Macintosh, read as windows-1251
# A capital or a symbol within a word: what the wrong one of these code pages makes of an accented letter.
TORN = re.compile(
    r"(?<=[a-zß-ÿ])[^\x00-\x7fa-zß-ÿœšžı’´‘“”–—…°€§®™©²³\s\xa0­]|[^\x00-\x7f\w’‘“”„«»–—‐\s\xa0­¡¿£](?=[a-zß-ÿ])|[\x80-\x9f\ufffd]"
)


def codec(label: str) -> str | None:
    """Python's name for a label as files write it, or None for one that nobody knows or that is no text encoding."""
    label = label.strip().lower()
    try:
        found = codecs.lookup(LABELS.get(label, label))
    except (LookupError, ValueError):
        return None
    return READ_AS.get(found.name, found.name) if found._is_text_encoding else None


def guess(content: bytes) -> str:
    """The codec of a text that is no UTF-8, by Firefox's detector; it always names one."""
    from chardetng_py import detect

    sample = b"\n".join(line for line in content[:20_000_000].split(b"\n") if not line.isascii())[:SAMPLE]
    found = codec(detect(sample)) or "cp1252"
    if found == "cp1251" and len(INNER_YA.findall(sample.decode(found, "replace"))) > 1:
        return "mac_cyrillic"
    if found not in LATIN:
        return found
    carriage = b"\r" in content and b"\n" not in content
    western = min(MACINTOSH if carriage else OLDER, key=lambda name: len(TORN.findall(sample.decode(name, "replace"))))
    signs = {mark for mark in sample.decode("cp1252", "replace") if not mark.isascii()}
    letters = {mark.lower() for mark in signs if mark.isalpha()}
    if western == "cp1252" and letters <= HUNGARIAN and letters & set("õû") and letters & set("áéíóú"):
        return "cp1250"
    if found == "cp1252" or (carriage and western == "mac_roman"):
        return western
    return "cp1252" if western == "cp1252" and not any(mark.isalpha() for mark in signs) else found
