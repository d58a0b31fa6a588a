"""The months in many languages, and days that are written with them."""

import re

# Months as dateutil does not know them: their first letters, in thirty languages.
BEGINNINGS = [
    "jan jän gen ene sty led oca tammi ian янв січ ιαν يناير", "feb fév fev lut úno únor şub helmi фев лют φεβ فبراير",
    "mar mär maa mrt már bře ožu maalis мар бер μαρ μάρ مارس", "apr avr abr kwi ápr dub nis tra huhti апр кві απρ أبريل",
    "mai may mag maj maio máj kvě svi toukokuu мая май тра травня μαι μάι μαΐ مايو", "jun juin giu cze jún červn haz lip kesä июн чер ιουν يونيو",
    "jul juil lug lip júl červenc tem srp heinä июл лип ιουλ يوليو", "aug août aou ago sie srp ağu elo kol авг сер αυγ αύγ أغسطس",
    "sep set sett wrz szep zář eyl syys ruj сен вер σεπ سبتمبر", "okt oct ott out paź paz říj eki loka окт жов οκτ أكتوبر",
    "nov lis kas marras ноя лис νοε νοέ نوفمبر", "dez dec déc dic grudz gru pro ara joulu дек гру δεκ ديسمبر",
]  # fmt: skip
DAY_FIRST = re.compile(r"\b(\d{1,2})(?:er|º|\.)?\s+(?:de\s+|di\s+)?([^\W\d_]{3,})\.?,?\s+(?:de\s+|del\s+)?(\d{4})\b")
YEAR_FIRST = re.compile(r"\b(\d{4})\.\s+([^\W\d_]{3,})\.?\s+(\d{1,2})\b")


def month_number(name: str) -> int:
    """1 to 12, or 0; the longest beginning that fits decides."""
    fits = [
        (len(start), at)
        for at, starts in enumerate(BEGINNINGS, 1)
        for start in starts.split()
        if name.lower().startswith(start)
    ]
    return max(fits, default=(0, 0))[1]
