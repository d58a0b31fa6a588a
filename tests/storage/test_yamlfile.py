"""The strict YAML loader: plain data with places, and a placed error for everything else."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from agentflow.errors import ConfigError
from agentflow.storage.yamlfile import MAX_BYTES, check, load_yaml, parse_yaml

HERE = Path("file.yaml")


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    context: int = 1
    names: tuple[str, ...] = ()


class File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    models: dict[str, Entry]


def test_scalars_follow_yaml_1_2_so_no_value_changes_behind_its_writer() -> None:
    text = "a: no\nb: 012\nc: 1:30\nd: 2026-11-20\ne: true\nf: 0x10\ng: 1.5e3\nh: ~\ni: '7'\nj: 1e999\nk: -3\n"
    data, _ = parse_yaml(text, HERE)
    expected = ["no", "012", "1:30", "2026-11-20", True, 16, 1500.0, None, "7", "1e999", -3]
    assert list(data.values()) == expected


def test_marks_know_the_line_and_column_of_every_key_and_value() -> None:
    _, marks = parse_yaml("models:\n  a:\n    names: [x, yy]\n", HERE)
    assert marks.place(("models", "a", "names"), key=True) == (3, 5)
    assert marks.place(("models", "a", "names", 1)) == (3, 16)
    assert marks.place(("models", "a", "absent")) == (3, 5)


def test_a_file_nested_deeper_than_its_parser_goes_is_refused() -> None:
    with pytest.raises(ConfigError, match="nest"):
        parse_yaml("a: " + "[" * 100_000, HERE)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\na: 2", "2:1", "twice, first in line 1"),
        ("a: &x 1", "1:4", "anchor"),
        ("a: *x", "1:4", "alias"),
        ("&a [*a]", "1:1", "anchor"),
        ("b:\n  7: x", "2:3", "must be text"),
        ("? [k]\n: v", "1:3", "must be text"),
        ("a: [", "2:1", ""),
        ("", "1:1", "empty"),
        ("- a", "1:1", "found a list"),
        ("a: " + "[" * 900, "1:43", "deeper than 40"),
        ("a: !!python/object/apply:os.system [x]", "1:4", "tag"),
        ("a: x\x00", "1:5", "control"),
        ("a: \ud800", "1:1", "surrogates"),
        ("a: 1\n---\nb: 2", "2:1", "second document"),
        ("a: [" + "1," * 10_001 + "]", "1:19999", "10000 values"),
    ],
    ids=range(15),
)
def test_malformed_files_are_refused_with_their_place(text: str, place: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, HERE)
    assert caught.value.message.startswith(f"file.yaml:{place}: ")
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("models:\n  a:\n    contxt: 3", "3:5: unknown key 'contxt'", "did you mean 'context'?"),
        ("models:\n  a:\n    context: no", "3:14: models.a.context: should be a whole number", 'text "no"'),
        ("modles: {}", "1:1: unknown key 'modles' (1 more below)", "'models'"),
        ("models: 3", "1:9: models: should be a mapping of keys to values", "number 3"),
    ],
)
def test_wrong_content_is_refused_with_its_place_and_a_suggestion(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(File, *parse_yaml(text, HERE))
    assert caught.value.message.startswith(f"file.yaml:{message}")
    assert hint in caught.value.hint


def test_files_that_cannot_be_read_are_config_errors(tmp_path: Path) -> None:
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_bytes(b"a: " + b"x" * MAX_BYTES)
    latin.write_bytes("a: b\nc: é".encode("latin-1"))
    for path, words in ((large, "larger than 256 kB"), (latin, "2:4: not UTF-8"), (tmp_path / "none", "No such file")):
        with pytest.raises(ConfigError, match=words):
            load_yaml(path)


@given(st.text(max_size=400) | st.text(alphabet="ab:-[]{},&*!?|>'\"%@` \n\t#1", max_size=200))
def test_any_text_is_plain_data_or_a_placed_error(text: str) -> None:
    started = time.process_time()
    try:
        data, _ = parse_yaml(text, HERE)
        assert isinstance(data, dict)
    except ConfigError as error:
        name, line, column, _ = error.message.split(":", 3)
        assert (name, int(line) > 0, int(column) > 0) == ("file.yaml", True, True)
    assert time.process_time() - started < 1
