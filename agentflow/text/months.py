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
# Their names, cut to six letters: `Marching` begins like one and is none.
NAMES = frozenset(
    """abril agost agosto april aprile aprili aprill apríl apríla aprīli aralık august augusz avril ağusto březen března czerwc czerwi decemb dezemb dicemb diciem duben
    dubna décemb ekim elokuu enero eylül febbra feber febr febrei febrer februa februá februā febrúa fevere févr févrie gener gennai giugno grudni grudzi gruod
    gruodi gruodž hazira heinäk helmik huhtik ianuar janeir januar január janv janvie janvār janúar jouluk juille julho juli julij julio juliol july june junho juni
    junij junio juny jänner júla július júlí júna június júní kasım kesäku kolovo květen května kwieci kwietn leden ledna lipca lipiec listop lokaku luglio lutego
    luty maart maggio maiatz maig maijs maja marca march marec mars mart martie marts martxo marzec marzo març março mayo mayıs mája május márc márciu märts märz
    nisan novemb noviem ocak octobe octobr octomb octubr oktoba oktobe oktobr oktoob októbe októbr ottobr outubr ožujak ožujka paździ prosin rujan rujna sept septem
    septie setemb settem sierpi sierpn srpen srpna stycze styczn sviban svibnj syysku szept szepte tammik temmuz toukok travan travnj wrzesi wrześn září áprili února
    červen června říjen října şubat απρίλι απριλί αυγούσ αύγουσ δεκέμβ δεκεμβ ιανουά ιανουα ιουλίο ιουνίο μάιος μάρτιο μαΐου μαρτίο νοέμβρ νοεμβρ οκτωβρ οκτώβρ
    σεπτέμ σεπτεμ φεβρου август апрель апреля април березе березн верасе верасн вересе вересн груд груден грудня декабр декемв жовт жовтен жовтня июль июля июнь июня
    квіт квітен квітня липень липня лист листоп лютага лютий лютого люты март марта нояб ноябрь ноября октомв октябр сент сентяб серп серпен серпня січень січня трав
    травен февр феврал февруа черв червен червня январь января""".split()
)
_STARTS = [(start, at) for at, starts in enumerate(BEGINNINGS, 1) for start in starts.split()]
DAY_FIRST = re.compile(r"\b(\d{1,2})(?:er|º|\.)?\s+(?:de\s+|di\s+)?([^\W\d_]{3,})\.?,?\s+(?:de\s+|del\s+)?(\d{4})\b")
YEAR_FIRST = re.compile(r"\b(\d{4})\.\s+([^\W\d_]{3,})\.?\s+(\d{1,2})\b")


def month_number(name: str) -> int:
    """1 to 12, or 0; the longest beginning that fits decides."""
    name = name.lower()
    whole = name[:6] in NAMES
    fits = [(len(start), at) for start, at in _STARTS if name == start or (whole and name.startswith(start))]
    return max(fits, default=(0, 0))[1]
