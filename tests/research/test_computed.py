"""What is counted, summed up, averaged and compared over rows, by the engine and never by a model."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.corpus.passage import Passage, Place, Sentence
from agentflow.research.tables.columns import TypedTable
from agentflow.research.tables.computed import compute
from agentflow.research.tables.limits import bounds, periods
from agentflow.research.tables.meant import rows_meant
from agentflow.research.tables.request import request
from agentflow.research.tables.table import TableRow
from agentflow.research.tables.values import amount, days, kind_of
from tests.research.asking import asked

EXPENSES = """date,payee,category,amount,method
2024-01-04,Northgas,heating,"1,210.50",bank
2024-01-12,Copy Corner,printing,48.20,card
2024-02-03,Northgas,heating,990.00,bank
2024-02-20,Bright & Sons,repairs,312.00,bank
2024-03-01,Northgas,heating,640.75,bank
2024-03-09,Copy Corner,printing,15.40,cash
Total,,,"3,216.85",
"""
BIRDS = """site,species,count,seen on
Alder Pond,heron,4,2023-05-02
Alder Pond,teal,12,2023-05-02
Mill Weir,heron,9,2023-06-11
Mill Weir,snipe,2,2024-06-12
"""
ROTA = "day,early,night\nMonday,Ana,Ben\nTuesday,Ben,Cleo\nWednesday,Cleo,Ben\n"
INVOICES = {
    f"invoice-{number}.txt": f"INVOICE {number}\nCustomer: {customer}\nDate: {day}\nStatus: {status}\nTotal: EUR {total}\n"
    for number, customer, day, status, total in [
        (101, "Holm Dairy", "2024-01-15", "paid", "150.00"),
        (102, "Birch Mills", "2024-02-15", "open", "1,300.00"),
        (103, "Holm Dairy", "2024-03-15", "paid", "450.00"),
    ]
}
STOCK = "item,shelf,in stock,reorder at\nWine glass 250 ml,A1,18,24\nChef's knife 20 cm,B2,16,8\nLatte glass,A1,31,24\n"
STAFF = """name,course,completed,expires
Ada Burke,life support,03/05/2022,03/05/2024
Ben Osei,life support,25/06/2023,25/06/2025
Ada Burke,manual handling,01/02/2024,01/02/2026
"""
PAGES = {
    "stock-2024-03-31.csv": STOCK,
    "training.csv": STAFF,
    "expenses.csv": EXPENSES,
    "birds.csv": BIRDS,
    "rota.csv": ROTA,
    **INVOICES,
    "loads.csv": "Month,Depot,Ordered (t),Sent (t)\n2024-11,Kiel,25,20\n2024-12,Kiel,25,24\n2024-12,Bremen,40,40\n",
    "staff.csv": "Name,Role,Salary EUR\nAda Holm,clerk,61000\nBo Lind,head,72000\n",
    "depots.csv": "Depot,Volume,Contact\nBremen,40,Jana Kessler\nKiel,25,Ole Brandt\n",
    "bills.csv": "Bill,Firm,Sum,State\n1001,Tallow,45600.00,closed\n1003,Tallow,44460.00,open\n1005,Office World,412.30,open\n",
}


@pytest.mark.parametrize(
    ("question", "answer", "quotes"),
    [
        ("How much did we spend on heating in total?", "2,841.25 (sum of amount in 3 rows)", 3),
        ("how much did we spend in March 2024", "656.15 (sum of amount in 2 rows)", 2),
        ("How much did we spend since February?", "1,958.15 (sum of amount in 4 rows)", 4),
        ("What was the largest expense?", "Northgas (amount: 1,210.50)", 1),
        ("Which payee got the most money?", "Northgas (amount: 2,841.25)", 3),
        ("How many expenses were paid by card?", "1 (Copy Corner)", 1),
        ("What is the average amount for printing?", "31.80 (average of amount in 2 rows)", 2),
        ("How many herons were seen at Mill Weir?", "9 (count)", 1),
        ("How many herons were seen?", "13 (sum of count in 2 rows)", 2),
        ("How many species were seen at Alder Pond?", "2 (heron, teal)", 2),
        ("Which species was seen last?", "snipe (seen on: 2024-06-12)", 1),
        ("Which items were below the reorder level in March 2024?", "Wine glass 250 ml", 1),
        ("How many chefs knives did we count at the end of March?", "16 (in stock)", 1),
        ("where do we keep the latte glass?", "A1", 1),
        ("Whose life support had run out by June 2024?", "Ada Burke", 1),
        ("When does Ben Osei's life support expire?", "25/06/2025", 1),
        ("course of Ben Osei", "life support", 1),
        (
            "did heating cost more in January than in March? give me both totals",
            "january: 1,210.50 (amount); march: 640.75 (amount)",
            2,
        ),
        ("Which invoices have not been paid yet?", "INVOICE 102", 1),
        ("Who has the most night shifts on the rota?", "Ben (2 of 3)", 2),
        ("How many invoices are there?", "3 (INVOICE 101, INVOICE 102, INVOICE 103)", 3),
        ("What is the total of all invoices?", "EUR 1,900.00 (sum of total in 3 rows)", 3),
        ("Which invoice is the largest?", "INVOICE 102 (total: EUR 1,300.00)", 1),
        ("How many tonnes were sent to Kiel in total?", "44 (sum of Sent (t) in 2 rows)", 2),
        ("Who earns the most?", "Bo Lind (Salary EUR: 72000)", 1),
        ("Who is the contact at the Kiel depot?", "Ole Brandt", 1),
        ("How many bills are open?", "2 (1003, 1005)", 2),
        ("What is the total of the open bills?", "44,872.30 (sum of Sum in 2 rows)", 2),
        ("How much did Holm Dairy pay in total?", "EUR 600.00 (sum of total in 2 rows)", 2),
    ],
)
async def test_rows_are_computed_without_a_model(question: str, answer: str, quotes: int, tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, PAGES, question, "none")
    assert (outcome.output["answer"], prompts) == (answer, 0)
    (claim,) = outcome.output["claims"]
    assert claim["support"] == "supported" and len(claim["evidence"]) == quotes


@pytest.mark.parametrize(
    "question",
    [
        "How much did we spend on cleaning?",  # no row
        "How much did we spend on heating in 2019?",
        "How many gulls were seen at Mill Weir?",
        "How much did the roof of the church cost?",  # words that no table tells
        "How much did we not spend on heating?",
        "Which payee is the friendliest?",
        "How many herons were seen at night?",
        "When does Cleo's life support expire?",
        "Who sits on the committee?",
    ],
)
async def test_nothing_is_computed_where_a_word_is_not_told(question: str, tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, question, "")
    assert "rows)" not in outcome.output["answer"] and not any(mark.isdigit() for mark in outcome.output["answer"])


async def test_terms_of_a_glossary_are_nobody(tmp_path: Path) -> None:
    glossary = "term,meaning\nlease,the mark that one process owns a run\ntool,a function that a model may call\njournal,the record of each call of a tool\n"
    outcome, _ = await asked(tmp_path, {"glossary.csv": glossary}, "Who may call a tool?", "")
    assert "journal" not in outcome.output["answer"]


async def test_each_group_has_its_own_sum(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, "How much did we spend per category?", "none")
    assert outcome.output["answer"] == "\n- heating: 2,841.25\n- printing: 63.60\n- repairs: 312.00"


async def test_only_the_first_of_very_many_rows_are_quoted(tmp_path: Path) -> None:
    rows = "".join(f"Pin {number},{number % 7},bin {number}\n" for number in range(200))
    outcome, _ = await asked(
        tmp_path, {"stock.csv": f"item,pieces,place\n{rows}"}, "How many pieces are there?", "none"
    )
    assert outcome.output["answer"] == f"{sum(number % 7 for number in range(200))} (sum of pieces in 200 rows)"
    assert len(outcome.output["claims"][0]["evidence"]) == 12 and any(
        "200 rows" in note for note in outcome.output["notes"]
    )


def table(text: str) -> TypedTable:
    header, *lines = csv.reader(io.StringIO(text))
    rows = []
    for number, cells in enumerate(lines):
        sentence = Sentence(number, 1, 1, number + 1, ",".join(cells), number, number + 1, kind="row")
        passage = Passage(1, 1, "data.csv", "data.csv", "", "", [sentence], Place("data.csv", 1))
        rows.append(TableRow(passage, dict.fromkeys(header, sentence), dict(zip(header, cells, strict=True))))
    return TypedTable(rows)


def test_no_cell_is_looked_at_for_a_question_that_is_none_for_a_table() -> None:
    costs = table("item,price,bought\noil,3,2024-05-01\nwax,4,2024-05-02\n")
    assert rows_meant(costs, "who lit the lamp") == ([], 0)
    assert not {"kinds", "days", "held"} & vars(costs).keys()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.decimals("-9999", "9999", places=2, allow_nan=False)),
        min_size=2,
        max_size=30,
    )
)
def test_a_sum_is_what_adding_gives(rows: list[tuple[str, Decimal]]) -> None:
    lines = "".join(f"grp{name},{value}\n" for name, value in rows)
    asked_for = "how much is the total price of grpa"
    found = compute(request(asked_for), asked_for, table(f"group,price\n{lines}"))
    own = [value for name, value in rows if name == "a"]
    assert (found is None) == (not own)
    if found is not None:
        assert Decimal(found.text.split(" (")[0].replace(",", "")) == sum(own)


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("1,210.50", "1210.50", ""),
        ("€ 450", "450", "€"),
        ("EUR 450.00", "450.00", "EUR"),
        ("1.250,00 €", "1250.00", "€"),
        ("12 h", "12", "h"),
        ("45%", "45", "%"),
        ("-3", "-3", ""),
        ("7 km/h", "7", "km/h"),
    ],
)
def test_amounts(cell: str, value: str, unit: str) -> None:
    found = amount(cell)
    assert found is not None and (found.value, found.unit) == (Decimal(value), unit)


@pytest.mark.parametrize("cell", ["", "x", "12/50", "2 x 3", "2024-01-01", "Room 12", "1.2.3"])
def test_what_is_no_amount(cell: str) -> None:
    assert amount(cell) is None


@given(st.text(max_size=40))
def test_any_cell_can_be_read(cell: str) -> None:
    amount(cell), days([cell]), kind_of("name", [cell]), periods(cell.lower()), bounds(cell.lower()), request(cell)


def test_days_of_a_column_are_read_alike() -> None:
    assert days(["03/04/2024", "25/12/2023"]) == ["2024-04-03", "2023-12-25"]
    assert days(["03/04/2024", "12/25/2023"]) == ["2024-03-04", "2023-12-25"]
    assert days(["May 2024", "05/2024", "1 May 2024"]) == ["2024-05", "2024-05", "2024-05-01"]
    assert kind_of("year", ["2019", "2020"]) == "day" and kind_of("price", ["2019", "20.5"]) == "amount"
    assert kind_of("phone", ["555", "777"]) == "words"


@pytest.mark.parametrize(
    ("said", "day", "held"),
    [
        ("in march 2024", "2024-03-31", True),
        ("in march 2024", "2024-04-01", False),
        ("in march", "2019-03-02", True),
        ("since 2020", "2019-12-31", False),
        ("since 2020", "2020-01-01", True),
        ("before 2020", "2019-12-31", True),
        ("before 2020", "2020-01-01", False),
        ("after 3 march 2024", "2024-03-03", False),
        ("after 3 march 2024", "2024-03-04", True),
        ("until june 2024", "2024-06-30", True),
        ("in the first quarter of 2024", "2024-03-31", True),
        ("on 12 june", "2024-06-12", True),
        ("on 12 june", "2024-06-11", False),
        ("in 2023", "2023", True),
        ("from march to may 2024", "2024-05-31", True),
        ("from march to may 2024", "2024-06-01", False),
        ("from march to may", "2024-02-28", False),
        ("between 3 march 2024 and 9 march 2024", "2024-03-09", True),
        ("between 3 march 2024 and 9 march 2024", "2024-03-10", False),
        ("from 2020 until 2022", "2022-12-31", True),
    ],
)
def test_periods(said: str, day: str, held: bool) -> None:
    ((period, _),) = periods(said)
    assert period.meets(day) is held


def test_bounds() -> None:
    ((bound, said),) = bounds("sites with at least 1,000 birds")
    assert (bound.sign, bound.number, bound.equal, bound.unit, said) == (
        "more",
        "1,000",
        True,
        "birds",
        "at least 1,000 birds",
    )


async def test_copies_and_replaced_versions_are_not_counted_twice(tmp_path: Path) -> None:
    old, new = "item,price\nroof,100\ndoor,20\n", "item,price\nroof,150\ndoor,20\nlamp,5\n"
    pages = {"budget_v1.csv": old, "budget_v2_FINAL.csv": new, "copy/budget_v2_FINAL.csv": new}
    outcome, _ = await asked(tmp_path, pages, "What is the total price in the budget?", "none")
    assert outcome.output["answer"] == "175 (sum of price in 3 rows)"


async def test_bills_that_set_their_figures_apart_are_rows(tmp_path: Path) -> None:
    bill = "MILL & SONS\n\nINVOICE {0}     Date: 9 May 2024\nTo: {1}\n\n Qty  Item       Total\n  2   Pan      {2}\n  1   Cup       5.00\n     TOTAL      GBP {2}\n"
    pages = {f"{n} {who}.txt": bill.format(n, who, amount) for n, who, amount in
             [(21, "Bell Inn", "1,481.20"), (22, "Cafe", "96.10"), (23, "Bell Inn", "164.40")]}  # fmt: skip
    outcome, _ = await asked(tmp_path, pages, "how much does the Bell Inn owe us alltogether?", "none")
    assert outcome.output["answer"] == "GBP 1,645.60 (sum of total in 2 rows)"


async def test_files_of_two_years_are_one_table(tmp_path: Path) -> None:
    pages = {"costs 2022.csv": "item,price\nroof,100\ndoor,20\n", "costs 2023.csv": "item,price\nroof,7\ndoor,20\n"}
    outcome, _ = await asked(tmp_path, pages, "What is the total of all costs for the roof?", "none")
    assert outcome.output["answer"] == "107 (sum of price in 2 rows)"


async def test_the_same_name_in_the_folders_of_two_years_is_no_version(tmp_path: Path) -> None:
    pages = {"2022/costs.csv": "item,cost\noil,3\nwax,4\n", "2023/costs.csv": "item,cost\noil,50\nwax,50\n"}
    outcome, _ = await asked(tmp_path, pages, "What is the total of all costs?", "none")
    assert outcome.output["answer"].startswith("107 ")


def test_an_amount_behind_many_blanks_takes_no_time() -> None:
    assert amount("EUR" + " " * 50_000 + "x") is None


@pytest.mark.parametrize("asked", ["what was spent until march 2024 and in between?", "list\u00a0 all costs"])
def test_an_odd_question_is_still_one(asked: str) -> None:
    assert request(asked) and isinstance(bounds(asked), list) and isinstance(periods(asked), list)
