"""Data files of a stranger are bounded, or refused with a reason; nothing outside the folder is read."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.errors import AgentflowError
from agentflow.experiments.data import LARGEST, copy_data, find_data
from agentflow.experiments.lab.profile import profile
from agentflow.experiments.lab.reading import LONGEST_NAME, Unusable, clean_names, read_tables
from tests.experiments.conftest import Ask

TABLE = "dose,days\n" + "".join(f"{'new' if n % 2 else 'old'},{n % 7 + n % 2}\n" for n in range(60))


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reason(path: Path) -> str:
    with pytest.raises(Unusable) as refused:
        read_tables(path)
    return str(refused.value)


def test_a_file_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(1_000_000_000)
    hashes, refused = copy_data([tmp_path / "big.csv"], tmp_path / "copies")
    assert hashes == {} and refused[0].reason.startswith(f"has 1,000 MB; at most {LARGEST // 1_000_000} MB")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.csv", TABLE)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trial.csv").symlink_to(secret)
    found = find_data(["trial.csv"], [tmp_path / "data"])
    assert copy_data(found, tmp_path / "copies")[1][0].reason == "is a link: name the file it leads to"


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "sub/../../secret.csv", "linked/secret.csv"])
def test_a_path_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path, "secret.csv", TABLE)
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "linked").symlink_to(tmp_path)
    with pytest.raises(AgentflowError, match="lies outside"):
        find_data([name], [tmp_path / "data"])


def test_links_in_a_folder_of_data_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "secret.csv", TABLE)
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", "own.csv", TABLE)
    (tmp_path / "data" / "link").symlink_to(tmp_path / "out")
    assert [path.name for path in find_data(["."], [tmp_path / "data"])] == ["own.csv"]


def test_copies_that_an_experiment_left_are_no_data(tmp_path: Path) -> None:
    (tmp_path / "recovery" / "data").mkdir(parents=True)
    write(tmp_path, "own.csv", TABLE)
    write(tmp_path / "recovery", "experiment.json", "{}")
    write(tmp_path / "recovery" / "data", "own.csv", TABLE)
    assert find_data(["."], [tmp_path]) == [tmp_path / "own.csv"]


def test_a_folder_without_data_says_what_it_looks_for(tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match=f"no data file in {tmp_path}"):
        find_data(["."], [tmp_path])


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    assert reason(write(tmp_path, "nul.csv", b"a,b\n1,\x002\n")) == "holds NUL bytes: it is no table of text"


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    wide = ",".join(map(str, range(2_000)))
    assert reason(write(tmp_path, "wide.csv", f"{wide}\n{wide}\n")) == "has 2,000 columns; at most 500 are read"


def test_rows_of_different_lengths_are_refused(tmp_path: Path) -> None:
    assert reason(write(tmp_path, "ragged.csv", "a,b\n1,2\n1,2,3\n")).startswith("is no table")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("[1, 2]", "no list of JSON objects"),
        ("{", "is no JSON"),
        ("[]", "no table"),
    ],
)
def test_json_that_is_no_table_is_refused(text: str, words: str, tmp_path: Path) -> None:
    assert words in reason(write(tmp_path, "data.json", text))


def test_a_workbook_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "no workbook" in reason(write(tmp_path, "x.xlsx", b"PK\x03\x04 not a workbook"))
    with zipfile.ZipFile(tmp_path / "empty.xlsx", "w") as file:
        file.writestr("nothing.xml", "<a/>")
    assert "no workbook" in reason(tmp_path / "empty.xlsx")


def test_formulas_are_text_and_never_computed(tmp_path: Path) -> None:
    path = write(tmp_path, "f.csv", "group,value\n" + "a,1\nb,2\n" * 40 + 'a,"=SUM(A1:A9)"\nb,"=cmd|\' /C calc\'!A0"\n')
    told = {item["name"]: item for item in profile([path])["tables"][0]["columns"]}
    assert told["value"]["kind"] == "binary" or told["value"]["kind"] == "category"
    path = write(tmp_path, "g.csv", "group,value\n" + "".join(f"a,{n}\n" for n in range(80)) + 'a,"=SUM(A1:A9)"\n')
    told = {item["name"]: item for item in profile([path])["tables"][0]["columns"]}
    assert (told["value"]["kind"], told["value"]["unreadable"], told["value"]["max"]) == ("number", 1, 79)


@given(st.lists(st.text(max_size=200), min_size=1, max_size=30))
def test_any_header_becomes_short_printable_names_each_once(names: list[str]) -> None:
    cleaned = clean_names(names)
    assert len(cleaned) == len(names) == len(set(cleaned))
    assert all(name.isprintable() and name == name.strip() and 0 < len(name) <= LONGEST_NAME + 8 for name in cleaned)


@given(st.binary(max_size=2_000), st.sampled_from(["x.csv", "x.json", "x.tsv", "x.jsonl"]))
def test_any_bytes_are_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    told = profile([write(tmp_path_factory.mktemp("any"), name, content)])
    assert bool(told["tables"]) != bool(told["refused"])
    json.dumps(told, allow_nan=False)


async def test_names_with_quotes_and_newlines_pass_through_plan_program_and_report(ask: Ask, tmp_path: Path) -> None:
    hostile = 'days"""\nimport os; os._exit(3)\n\'| <script>'
    table = TABLE.replace("days", '"' + hostile.replace('"', '""') + '"', 1)
    write(tmp_path, "trial.csv", table)
    outcome = await ask(
        tmp_path, "Does it matter?", outcome='days""" import os; os._exit(3) \'| <script>', group="dose"
    )
    assert outcome.status == "answered", outcome.message
    assert "<script>" not in outcome.output["report"]
    assert outcome.output["hypotheses"][0]["result"]["rows"] == 60


async def test_a_file_that_cannot_be_used_is_told_and_the_others_are(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path, "trial.csv", TABLE)
    write(tmp_path, "noise.csv", b"a,b\n\x00\x00\n")
    outcome = await ask(tmp_path, "Does the new dose raise the days?")
    assert "noise.csv was not used: it holds NUL bytes" in outcome.output["report"]
    (tmp_path / "trial.csv").unlink()
    alone = await ask(tmp_path, "Does the new dose raise the days?")
    assert alone.status == "failed" and "noise.csv holds NUL bytes" in alone.message
