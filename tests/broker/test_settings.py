"""broker.yaml, the address of a broker, and what the commands say."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow.broker import rejected
from agentflow.broker.connection import adapter_of, shown
from agentflow.broker.migrations import MIGRATIONS
from agentflow.broker.settings import load_settings
from agentflow.cli import app
from agentflow.errors import AgentflowError, ConfigError
from agentflow.runs.store import RunStore
from tests.postgres import place_of


def write(root: Path, text: str) -> Path:
    (root / "broker.yaml").write_text(text)
    return root


def test_an_option_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "url: nats://file:1\nruns: 3\n")
    assert load_settings(tmp_path).url == "nats://file:1"
    monkeypatch.setenv("AGENTFLOW_BROKER", "nats://ann:secret@environment:1")
    assert load_settings(tmp_path).url == "nats://ann:secret@environment:1"
    found = load_settings(tmp_path, "nats://option:1")
    assert (found.url, found.runs, found.graphs) == ("nats://option:1", 3, ["research"])


def test_a_password_in_the_file_is_refused_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, "requests: asked\nurl: nats://ann:secret@host:1\n")
    with pytest.raises(ConfigError, match=r"broker\.yaml:2:6: there is a password") as caught:
        load_settings(tmp_path)
    assert "AGENTFLOW_BROKER" in caught.value.hint and "secret" not in str(caught.value)


def test_a_stream_whose_name_no_broker_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="events"):
        load_settings(write(tmp_path, "url: nats://host:1\nevents: 'all of it'\n"))


def test_a_kind_of_event_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no kind of event 'Claim'; known: State, .*ClaimMade"):
        load_settings(write(tmp_path, "url: nats://host:1\nkinds: [State, Claim]\n"))


def test_without_a_broker_the_ways_to_name_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match="no broker is named") as caught:
        load_settings(tmp_path)
    assert "--url" in caught.value.hint and "broker.yaml" in caught.value.hint


@pytest.mark.parametrize(
    "url", ["http://host:1", "nats:host", "host:4222", "nats://host:port", "ftp://ann:secret@host"]
)
def test_what_is_no_address_of_a_broker_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(AgentflowError, match="no address of a broker") as caught:
        adapter_of(url)
    assert "kafka" in caught.value.hint and "secret" not in caught.value.message


def test_messages_show_neither_user_nor_password() -> None:
    assert shown("amqp://ann:p%40ss@host:5672/v") == "amqp://host:5672/v"
    assert shown("nats://host:4222") == "nats://host:4222"


def test_rejected_requests_are_listed_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    store = RunStore(place_of(tmp_path))
    store.database.migrate("broker", MIGRATIONS)
    rejected.keep(store, b'{"id": "one", "graph": "none"}', AgentflowError("no graph named 'none'", "choose another"))
    rejected.keep(store, b"\x1b[2J" + b"x" * 5000, AgentflowError("the body is no JSON"))
    store.close()
    run = CliRunner()
    shown = run.invoke(app, ["broker", "rejected", "--project", str(tmp_path)], catch_exceptions=False).output
    assert "one" in shown and "no graph named 'none'" in shown and " ..." in shown and "\x1b" not in shown
    listed = json.loads(
        run.invoke(app, ["broker", "rejected", "--json", "--project", str(tmp_path)], catch_exceptions=False).output
    )
    assert [(each["request"], each["size"], len(each["body"])) for each in listed] == [
        ("one", 30, 30),
        ("", 5004, 2000),
    ]
