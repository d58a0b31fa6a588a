"""The day of a document: what it says of itself in its own language, else the day its file was changed here."""

import os
import time
from pathlib import Path

import pytest

from agentflow.corpus.dates import date_of, date_of_text
from agentflow.corpus.parsing.identity import author_of
from agentflow.corpus.readers import md, txt


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
        ("Tue, 3 Jun 2015 10:00:00 PST", "2015-06-03"),
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
        "Valid from",
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


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("# Harbour of Tarn\n\nDate: 2021-03-04\n\nThe harbour is deep.\n", "2021-03-04"),
        ("# Harbour of Tarn\n\n*Last updated 3 May 2022*\n\nThe harbour is deep.\n", "2022-05-03"),
        ("# Hafen\n\n**Stand:** 5. Juni 2023\n\nDer Hafen ist tief.\n", "2023-06-05"),
        ("# Minutes\n\nDate: 2021-03-04\nUpdated: 2021-04-01\n\nAll agreed.\n", "2021-04-01"),
        ("# Minutes\n\n2020-11-12\n\nAll agreed.\n", "2020-11-12"),
        ("# Brief\n\nZürich, 3. März 2019\n\nWir danken.\n", "2019-03-03"),
        ("# Notes\n\nThe tower was built on 3 May 1911.\n", "2018-07-09"),
        ("# Notes\n\nData 5 was lost.\n\nDate: soon\n", "2018-07-09"),
        ("Tarn\n====\n\nDate: 2021-03-04\n\nThe harbour is deep.\n", "2021-03-04"),
    ],
)
def test_a_text_tells_its_day_in_the_lines_that_open_it(text: str, day: str) -> None:
    assert date_of(md.read(text), 0.0, "2018-07-09 notes") == day


def test_a_text_without_a_day_of_its_own_has_that_of_its_name() -> None:
    assert date_of(txt.read("The harbour.\n"), 0.0, "minutes-2018-07-09") == "2018-07-09"
    assert date_of(txt.read("The harbour.\n"), 0.0, "part-12018-07-095") == "1970-01-01"


def test_a_text_tells_its_author_in_the_lines_that_open_it() -> None:
    assert author_of(md.read("# Harbour\n\n**Author:** Ida Brandt\n\nIt is deep.\n")) == "Ida Brandt"
    assert author_of(md.read("---\nauthor: Jonas Vik\n---\n# Harbour\n\nBy: Ida Brandt\n")) == "Jonas Vik"
    assert author_of(md.read("# Harbour\n\nThe author was late.\n")) == ""
