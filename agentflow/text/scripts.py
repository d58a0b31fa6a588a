"""Scripts that set no blanks between words, or spell with signs that stand above and below letters."""

import re
from collections.abc import Iterator

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
HANGUL = "\uac00-\ud7a3"
THAI_LAO_BURMESE_KHMER = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
RUN = re.compile(f"[{HAN}{KANA}{HANGUL}]+|[{THAI_LAO_BURMESE_KHMER}]+")
PUNCTUATION = "\u3001-\u303f\uff01-\uff60"  # as Chinese and Japanese set it
UNSPACED = re.compile(f"[{HAN}{KANA}{PUNCTUATION}{THAI_LAO_BURMESE_KHMER}]")


def _line_end(*scripts: str) -> re.Pattern[str]:
    """A line end between two letters of one of these."""
    return re.compile("|".join(rf"(?<=[{letters}])[ \t]*\n[ \t]*(?=[{letters}])" for letters in scripts))


# Where a word goes on in the next line, and where a reader sees no blank: Korean breaks between words as often as within.
WRAPPED = _line_end(HAN + KANA + HANGUL, THAI_LAO_BURMESE_KHMER)
SEAM = _line_end(HAN + KANA + PUNCTUATION, THAI_LAO_BURMESE_KHMER)
LETTERS = re.compile(f"[{THAI_LAO_BURMESE_KHMER}]")
# Accents and vowel signs: parts of a word, though `\w` does not count them.
SIGNS = r"\u0300-\u036f\u0900-\u0963\u0966-\u0dff"
# Full stops of scripts that have their own: Han and kana, Indic, Urdu and Arabic, Armenian, Ethiopic, Burmese, Khmer,
# Tibetan, Santali, Mongolian, Vai, Cham, Balinese, Syriac, Sinhala.
STOPS = "。！？｡．︒﹒﹖﹗।॥۔؟։።፧။។៕།༎᱾᱿᠃᠉꘎꘏꩝꩞꩟᭞᭟܀܁܂෴\u037e"


def groups(run: str, *, ends: bool) -> Iterator[str]:
    """Pairs of ideographs and syllables, triples of letters; with `ends` also the shorter ones at the end of the run."""
    size = group_size(run)
    for at in range(len(run) if ends else max(1, len(run) - size + 1)):
        yield run[at : at + size]


def group_size(run: str) -> int:
    return 3 if LETTERS.match(run) else 2
