"""What the server is told at start: plain JSON from the supervisor, or from `agentflow serve`."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from agentflow.storage.strict import Closed

LOOPBACK = ("127.0.0.1", "::1", "localhost")
KvType = Literal["f32", "f16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"]


class DraftingConfig(Closed):
    """Which drafters may propose text. All are lossless: the target model verifies every token."""

    lookup: bool = True
    """Continue a repetition: of the prompt, of the passages, of this run's earlier answers."""
    schema_: bool = Field(default=True, alias="schema")
    """Propose text that the JSON schema forces."""
    max_draft: int = Field(default=32, ge=0, le=64)
    """The longest draft in tokens, taken where text is being copied; 0 turns drafting off."""


class PrefixStoreConfig(Closed):
    """Computed prefixes outside the attention window."""

    memory: int = Field(default=512 << 20, ge=0)
    """Bytes of states in main memory."""
    disk: int = Field(default=4 << 30, ge=0)
    """Bytes of states in `folder`, over all models."""
    folder: Path | None = None
    """None keeps states in memory only."""
    identity: str = ""
    """Hashes of the weights and of the adapter: what is kept on disk belongs to these alone."""

    @property
    def on(self) -> bool:
        return bool(self.memory or (self.disk and self.folder and self.identity))


class ServedModel(Closed):
    name: str
    aliases: list[str] = Field(default_factory=list)
    """Further names that requests may call it by."""
    path: Path
    kind: Literal["chat", "embedding"] = "chat"
    context: int = Field(default=4096, ge=64)
    """Tokens of one request, prompt and answer together."""
    parallel: int = Field(default=8, ge=1, le=224)
    """Answers written at the same time."""
    cells: int | None = Field(default=None, ge=64)
    """Tokens that the KV cache holds for all sequences together; `context * parallel` unless given."""
    batch: int = Field(default=512, ge=32)
    """Tokens computed in one step at most."""
    draft: Path | None = None
    adapter: Path | None = None
    """A LoRA adapter in a GGUF file."""
    adapter_scale: float = Field(default=1.0, ge=0)
    lazy: bool = False
    """Its KV cache is made by the first request. What shares its weights with others may never be asked."""
    gpu_layers: int = 0
    kv_type: KvType = "f16"
    speculation: DraftingConfig = DraftingConfig()
    chat_template: str | None = None
    """Jinja text that replaces the template in the weight file."""
    flash_attention: bool = True
    prefix_store: PrefixStoreConfig = PrefixStoreConfig()
    searches: Path | None = None
    """A folder for what was measured of this machine: how prompts are computed fastest. None measures nothing."""
    json_spacing: Literal["spaced", "compact"] = "spaced"
    """How schema-bound JSON is written: `{"a": 1, "b": 2}` as json.dumps does, or without spaces."""


class ServerConfig(Closed):
    socket: Path | None = None
    """A Unix socket; None is TCP."""
    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free port, told in the ready line."""
    api_key: str | None = None
    parent_pid: int | None = None
    """The server ends when this process does."""
    threads: int | None = None
    models: list[ServedModel] = Field(min_length=1)
    queue: int = Field(default=256, ge=1)
    """Requests that may wait, over all models; more are refused with 503."""
    allow_remote: bool = False
    """Listening beyond loopback has to be asked for."""
    traces: str = ""
    """An OpenTelemetry collector for the spans of requests; empty for $AGENTFLOW_TRACES, or none."""
