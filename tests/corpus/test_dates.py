"""The day of a document: what it says of itself in its own language, else the day its file was changed here."""

import os
import time
from pathlib import Path

import pytest

from agentflow.corpus.dates import date_of, date_of_text
from agentflow.corpus.readers import txt


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("17. Oktober 2022", "2022-10-17"),
        ("1er août 2021", "2021-08-01"),
        ("9 de enero de 2020", "2020-01-09"),
        ("30 dicembre 2019", "2019-12-30"),
        ("2 мая 2018 г.", "2018-05-02"),
        ("2017年6月5日", "2017-06-05"),
        ("2016년 7월 4일", "2016-07-04"),
        ("4.7.2016", "2016-07-04"),
        ("June 3, 2015", "2015-06-03"),
        ("2014. május 6.", "2014-05-06"),
        ("12. července 2014", "2014-07-12"),
        ("6. toukokuuta 2014", "2014-05-06"),
        ("2014. 5. 6.", "2014-05-06"),
        ("room 2015", ""),
    ],
)
def test_a_day_is_read_in_the_language_it_is_written_in(text: str, day: str) -> None:
    assert date_of_text(text) == day


@pytest.mark.parametrize(
    "label",
    [
        "Datum",
        "Stand",
        "Mis à jour le",
        "Fecha",
        "Дата",
        "更新日",
        "Veröffentlicht am",
        "Utolsó módosítás",
        "最終更新日",
        "Publicado el",
    ],
)
def test_the_label_of_a_date_may_be_of_another_language(label: str) -> None:
    extract = txt.read("Harbour of Tarn\n\nText.\n")
    extract.fields = {label: "2020-02-03"}
    assert date_of(extract, 0.0) == "2020-02-03"


def test_an_instant_is_of_the_day_it_was_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    found = date_of_text("2024-02-29T16:00:00Z"), date_of_text("2024-02-29T16:00:00+02:00")
    monkeypatch.undo()
    time.tzset()
    assert found == ("2024-03-01", "2024-02-29")


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", "2024-03-01"), ("America/Denver", "2024-02-29")])
def test_a_file_is_of_the_day_it_was_here(zone: str, day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    file = tmp_path / "a.txt"
    file.write_text("The harbour.", "utf-8")
    os.utime(file, (1709222400, 1709222400))  # 2024-02-29 16:00 UTC
    found = date_of(txt.read("The harbour.\n"), file.stat().st_mtime)
    monkeypatch.undo()
    time.tzset()
    assert found == day
