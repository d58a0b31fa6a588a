"""The reference pages hold what the code knows: variables, keys and the wording of errors."""

import re
from collections.abc import Iterable
from dataclasses import fields

import pytest
from pydantic import BaseModel

from agentflow import Limits, bundled
from agentflow.broker.settings import BrokerSettings
from agentflow.federation.settings import Serve, SiteGrant, SiteSettings
from agentflow.identity.caller import Grants
from agentflow.identity.settings import Issuer, ServerAccess
from agentflow.knowledge.settings import KnowledgeSettings as KnowledgeFile
from agentflow.models.catalog.adapter_config import AdapterConfig
from agentflow.models.catalog.catalog import Cluster
from agentflow.models.catalog.model_config import (
    DraftConfig,
    GpuConfig,
    ModelConfig,
    PrefixCacheConfig,
    PromptsConfig,
    SamplingConfig,
    SpeculationConfig,
    TemplateConfig,
    TimeoutConfig,
)
from agentflow.models.catalog.reach import TlsConfig
from agentflow.storage.place import StoreFile
from agentflow.telemetry.settings import Telemetry
from agentflow.toolbox.settings import McpServer, Network, Papers, PaperSource, Web

DOCS = bundled.ROOT / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text("utf-8")
CODE = ("agentflow", "ui", "graphs", "tools", "evals", "benchmarks")
OWN = {"AGENTFLOW_TRAP"}  # a test's own, to prove that no code is run


def sources(*folders: str) -> Iterable[str]:
    return (path.read_text("utf-8") for folder in folders for path in (bundled.ROOT / folder).rglob("*.py"))


def test_every_environment_variable_is_documented_and_no_other() -> None:
    used = {name for text in sources(*CODE, "tests") for name in re.findall(r"AGENTFLOW_[A-Z_]+", text)}
    assert set(re.findall(r"AGENTFLOW_[A-Z_]+", CONFIGURATION)) == used - OWN


@pytest.mark.parametrize(
    "section",
    [Cluster, ModelConfig, SamplingConfig, DraftConfig, AdapterConfig, SpeculationConfig, PrefixCacheConfig, GpuConfig,
     PromptsConfig, TemplateConfig, TimeoutConfig, Network, McpServer, Web, Papers, PaperSource, SiteSettings, Serve, SiteGrant, ServerAccess,
     Issuer, TlsConfig, Grants, Telemetry, StoreFile, BrokerSettings, KnowledgeFile],
)  # fmt: skip
def test_every_key_is_documented(section: type[BaseModel]) -> None:
    names = {field.alias or name for name, field in section.model_fields.items()} - {"name", "base"}
    known = set(re.findall(r"[`.](\w+)`", CONFIGURATION))
    assert names - known == set()


def test_every_limit_is_documented() -> None:
    assert {item.name.removeprefix("step_") for item in fields(Limits)} <= set(re.findall(r"`(\w+)`", CONFIGURATION))


def test_the_errors_of_the_troubleshooting_page_are_worded_as_in_the_code() -> None:
    """`…` stands for what an f-string fills in."""
    code = "\n".join(re.sub(r"\{[^{}]*\}", "…", text) for text in sources("agentflow"))
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    messages = [row for row in re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE) if " " in row and "FILE" not in row]
    assert len(messages) > 20
    assert [message for message in messages if message not in code] == []


def test_the_glossary_is_short_and_in_order() -> None:
    terms = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)[1:]
    assert len(terms) <= 30
    assert terms == sorted(terms, key=str.lower)
