"""What the cells of a column hold: amounts with their unit, days, or words."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from agentflow.corpus.dates import date_of_text
from agentflow.text.months import month_number
from agentflow.text.numbers import A_YEAR, BY_COMMA, BY_POINT
from agentflow.text.numbers import MONTH as MONTHS
from agentflow.text.words import families, words

AMOUNT = re.compile(
    r"(?P<before>[€$£¥]|[A-Z]{3})?\s{0,3}(?P<minus>[-−]?)\s{0,3}(?P<number>\d[\d.,'’  ]*\d|\d)\s{0,3}(?P<unit>[€$£¥%]|[^\W\d_]{1,12}(?:[ /]?[^\W\d_]{1,8})?)?\.?"
)
SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$")
YEAR = re.compile(A_YEAR)
YEAR_MONTH = re.compile(rf"{A_YEAR}-\d\d")
YEARLESS = re.compile(
    r"(?:[^\W\d_]{2,9}\.?,? )?(?:(\d{1,2})(?:st|nd|rd|th)? ([^\W\d_]+)\.?|([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?)"
)
OF_MONTH = re.compile(r"(?:(?P<name>[^\W\d_]+)\.?,? |(?P<number>\d\d?)/)(?P<year>\d{4})")
MOSTLY = 0.6  # of a column's cells
EMPTY = {"", "-", "–", "—", "n/a", "na", "none", "null", "?", "tbc", "tba"}
LABELS = {"id", "no", "nr"} | families(
    "number phone telephone tel mobile code reference ref sku serial zip postcode isbn account id no nr"
)
YEARS = families("year jahr date since born built founded opened started joined published")
Kind = Literal["amount", "day", "words"]


class Amount(NamedTuple):
    """A number as it stands in a cell: its unit, `£`, `h`, and how many decimals it has."""

    value: Decimal
    unit: str = ""
    decimals: int = 0


def amount(cell: str) -> Amount | None:
    found = AMOUNT.fullmatch(cell.strip().strip("*_`~"))
    if not found:
        return None
    digits = re.sub(r"['’  ]", "", found["number"])
    if BY_COMMA.fullmatch(digits):
        digits = digits.replace(",", "")
    elif BY_POINT.fullmatch(digits) and ("," in digits or digits.count(".") > 1):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d+", digits):
        digits = digits.replace(",", ".")
    unit = found["before"] or found["unit"] or ""
    if not re.fullmatch(r"\d+(?:\.\d+)?", digits) or unit.lower() in MONTHS:
        return None
    value = -Decimal(digits) if found["minus"] else Decimal(digits)
    return Amount(value, unit, len(digits.partition(".")[2]))


def shown(value: Decimal, like: Iterable[Amount]) -> str:
    """The number with the unit and the decimals of the amounts that it was made of."""
    every = list(like)
    units = {one.unit for one in every}
    unit = units.pop() if len(units) == 1 else ""
    text = f"{value:,.{max((one.decimals for one in every), default=0)}f}"
    if unit in {"€", "$", "£", "¥"}:
        return f"{unit}{text}"
    return f"{unit} {text}" if re.fullmatch("[A-Z]{3}", unit) else f"{text}{'' if unit == '%' else ' '}{unit}".strip()


def days(cells: Sequence[str]) -> list[str]:
    """Each cell's day as ISO 8601, a month or a year alone as such, without a year as in the year 0, empty for none. `03/04/2024` is in April unless another
    cell of the column can only have the month first."""
    slashed = [found for cell in cells if (found := SLASHED.match(cell.strip()))]
    month_first = any(int(found[2]) > 12 for found in slashed)
    return [day(cell.strip(), month_first) for cell in cells]


def day(cell: str, month_first: bool) -> str:
    if found := SLASHED.match(cell):
        month, day_of = (found[1], found[2]) if month_first else (found[2], found[1])
        return f"{found[3]}-{int(month):02}-{int(day_of):02}" if int(month) <= 12 and int(day_of) <= 31 else ""
    if YEAR.fullmatch(cell) or YEAR_MONTH.fullmatch(cell):
        return cell
    if amount(cell):
        return ""
    yearless = YEARLESS.fullmatch(cell)
    if yearless and (month := MONTHS.get((yearless[2] or yearless[3]).lower())):
        return f"0000-{month:02}-{int(yearless[1] or yearless[4]):02}"
    if (found := OF_MONTH.fullmatch(cell)) and (month := int(found["number"] or month_number(found["name"]))):
        return f"{found['year']}-{month:02}" if month <= 12 else ""
    return date_of_text(cell)


def is_label(column: str) -> bool:
    """Whether a column numbers or addresses things, `Asset no` or `phone`."""
    return bool({*words(column), *families(column)} & LABELS)


def kind_of(name: str, cells: Sequence[str]) -> Kind:
    """What most cells of a column hold; the numbers of a column of labels, `id` or `phone`, are words."""
    told = [cell for cell in cells if cell.strip().lower() not in EMPTY]
    if not told:
        return "words"
    if sum(map(bool, days(told))) >= MOSTLY * len(told):
        return "amount" if all(map(YEAR.fullmatch, told)) and not families(name) & YEARS else "day"
    if is_label(name):
        return "words"
    return "amount" if sum(amount(cell) is not None for cell in told) >= MOSTLY * len(told) else "words"
