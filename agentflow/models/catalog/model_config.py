"""One entry of models.yaml: which server, which weights, and how they are to be run. Data only."""

from collections import Counter
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from agentflow.models.catalog.adapter_config import ADAPTER_NAME, Adapter
from agentflow.models.catalog.reach import BalanceConfig, TlsConfig, Urls
from agentflow.models.catalog.section import Section
from agentflow.models.catalog.sources import Weights, WeightsConfig
from agentflow.models.catalog.units import Bytes, Seconds

Backend = Literal["llama", "vllm", "llama-server", "endpoint"]
Kind = Literal["chat", "embedding"]
THINKER = "planner"
Ability = Literal["point", "explain", "decline", "plan", "word", "call"]
"""point: names the sentence that says it, among many; explain: answers how and why in words that tell; decline: says so when
no sentence answers; plan: splits a question; word: writes claims that stay with their quotes; call: chooses tools freely."""
ABILITIES: tuple[Ability, ...] = get_args(Ability)
THINKING = 512  # tokens

VLLM_METHODS = ("ngram", "ngram_gpu", "suffix", "draft_model", "eagle", "eagle3", "mtp", "medusa", "dflash")
LLAMA_SERVER_METHODS = (
    *("draft-simple", "draft-eagle3", "draft-mtp", "draft-dflash"),
    *("ngram-simple", "ngram-map-k", "ngram-map-k4v", "ngram-mod", "ngram-cache"),
)


class SamplingConfig(Section):
    """Defaults of the model; a request's own values win."""

    temperature: float | None = Field(default=None, ge=0, le=5)
    """0 is greedy."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=0)
    min_p: float | None = Field(default=None, ge=0, le=1)
    """Never sent to vLLM while it speculates: it would refuse the request."""
    seed: int | None = None
    stop: tuple[str, ...] = ()


class DraftConfig(WeightsConfig):
    """A small model that guesses ahead for the large one."""

    weights: Weights
    """As `weights` of a model."""
    optional: bool = False
    """Serve without the draft when its file is not there."""


class SpeculationConfig(Section):
    """How tokens are guessed ahead. Every method is lossless; it changes the speed, never the answer."""

    lookup: bool = True
    """backend: llama. Copies what followed the same words earlier in the prompt."""
    schema_: bool = Field(default=True, alias="schema")
    """backend: llama. Writes ahead what the JSON schema forces."""
    method: str | None = None
    """The server's own name of it: vllm ngram, eagle3, mtp, ...; llama-server ngram-mod, draft-simple, draft-mtp, ..."""
    max_draft: int | None = Field(default=None, ge=0, le=64)
    """Tokens guessed per step, 0 turns speculation off. Default: at most 32 for backend: llama, whose drafts are as long as
    it pays; 5 for the others, whose drafts have this length."""
    lookup_min: int = Field(default=2, ge=1, le=32)
    """vLLM ngram: the shortest repeated piece that counts."""
    lookup_max: int = Field(default=4, ge=1, le=64)


class GpuConfig(Section):
    layers: int | Literal["all", "auto"] = "auto"
    """GGUF: layers on the GPU. auto: all when there is one, else none."""
    tensor_parallel: int = Field(default=1, ge=1, le=64)
    pipeline_parallel: int = Field(default=1, ge=1, le=64)
    memory_share: float = Field(default=0.9, gt=0, le=1)
    """vLLM: share of the GPU's memory it may take."""
    quantization: str | None = None
    """vLLM: fp8, awq, gptq, ...; read from the weights when not given."""
    kv_type: Literal["f16", "bf16", "q8_0", "q4_0", "fp8", "auto"] = "auto"
    """Number format of the KV cache."""
    flash_attention: bool = True


class PrefixCacheConfig(Section):
    """backend: llama. Computed prompts outside the attention window, so that what begins alike is not computed again."""

    memory: Bytes = 512 << 20
    """In the server's memory: 512M, 2G, ...; 0 for none, at most an eighth of the machine's."""
    disk: Bytes = 4 << 30
    """In the user's cache folder, for later runs, over all models; 0 for none. They hold the text of your documents."""


class TemplateConfig(Section):
    """The chat template."""

    file: str | None = None
    """A Jinja file that replaces the template inside the weights."""
    options: dict[str, bool | int | str] = Field(default_factory=dict)
    """Passed to the template, for example `enable_thinking: false`."""


class PromptsConfig(Section):
    """What an embedding model wants to read before a text; its model card says it."""

    query: str = ""
    """Before what is searched for, for example `"query: "`."""
    document: str = ""
    """Before what is found, for example `"passage: "`."""


class TimeoutConfig(Section):
    start: Seconds = 600.0
    """Until the server is ready."""
    first_token: Seconds = 300.0
    """Queue and prefill."""
    inter_token: Seconds = 60.0
    """Between two tokens."""


def as_abilities(value: Any) -> Any:
    """`all` and `none` are short for lists; anything else is left for pydantic to refuse."""
    return {"all": list(ABILITIES), "none": []}.get(value, value) if isinstance(value, str) else value


Abilities = Annotated[
    tuple[Ability, ...],
    BeforeValidator(as_abilities, json_schema_input_type=Literal["all", "none"] | list[Ability]),
    Field(strict=False),
]


class ModelConfig(WeightsConfig):
    """One model and how it is served."""

    name: str = ""
    base: str = ""
    backend: Backend
    kind: Kind = "chat"
    description: str = ""
    context: int = Field(default=4096, ge=64, le=4_194_304)
    """Tokens per conversation, prompt and answer together."""
    parallel: int = Field(default=4, ge=1, le=512)
    """Conversations at a time."""
    threads: int | None = Field(default=None, ge=1, le=1024)
    replicas: int = Field(default=1, ge=1, le=64)
    """backend: llama. Servers of these weights, each with a memory of its own."""
    balance: BalanceConfig = BalanceConfig()
    queue: int = Field(default=256, ge=1, le=100_000)
    """Requests that may wait; more are refused at once."""
    sampling: SamplingConfig = SamplingConfig()
    draft: DraftConfig | None = None
    adapter: Adapter | None = None
    """backend: llama and llama-server. A LoRA adapter loaded beside the weights, or `{weights: ..., scale: 0.5}`."""
    adapters: dict[str, Adapter] = Field(default_factory=dict)
    """backend: llama and vllm. Several LoRA adapters on these weights: each is a model of its own, MODEL:ADAPTER, all in one
    server that holds the weights once."""
    layout: Literal["q8_0", "q4_0", "bf16", "f16"] | None = None
    """backend: llama and llama-server. The number format that the weights, with the adapter merged into them, are rewritten
    in, once, into the cache. Processors compute some formats much faster than others."""
    speculation: SpeculationConfig = SpeculationConfig()
    prefix_cache: PrefixCacheConfig = PrefixCacheConfig()
    gpu: GpuConfig = GpuConfig()
    keep_alive: Seconds = 0.0
    """How long a server without users stays in memory: 90, 10m, forever."""
    template: TemplateConfig = TemplateConfig()
    max_thinking: int | None = Field(default=None, ge=0, le=131_072)
    """Tokens that a model which can think may think before each answer; 0 for none. Default: 512 in the role planner, none
    elsewhere."""
    abilities: Abilities | None = None
    """What graphs may trust it with: all, none, or a list of point, explain, decline, plan, word and call. Default: what
    `agentflow models calibrate` measured, which runs once by itself; all where nothing can be measured."""
    yes_from: float | None = Field(default=None, ge=0, le=1)
    """Chance of yes, from which this model is believed that a text tells what is asked; below it a short answer from that text is withheld.
    Measured for its weights; not asked where it is not given."""
    prompts: PromptsConfig = PromptsConfig()
    """kind: embedding. Prefixes of queries and of documents. After a change the documents have to be embedded again."""
    unrelated: float = Field(default=0.0, ge=0, lt=1)
    """kind: embedding. The cosine of two texts that have nothing to do with each other: 0 for most models, 0.75 for those
    trained with a low temperature, such as E5. Cosines are read from there."""
    timeout: TimeoutConfig = TimeoutConfig()
    url: Urls = ()
    """backend: endpoint. The OpenAI-compatible base URL, for example http://127.0.0.1:11434/v1, or a list of several servers
    of the same model."""
    model: str | None = None
    """backend: endpoint. The model's name there; with one URL, the first one listed when not given."""
    api_key_env: str | None = None
    """backend: endpoint. The environment variable that holds its key."""
    tls: TlsConfig = TlsConfig()
    """backend: endpoint. Whom to trust at an https address, and who we are."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """A fixed port on 127.0.0.1 for the managed server; a private socket or a free port when not given."""
    command: str | None = None
    """Program to run instead of the `vllm` or `llama-server` found on PATH."""
    args: tuple[str, ...] = ()
    """Further command line arguments of that program."""
    env: dict[str, str] = Field(default_factory=dict)
    """Further environment variables of the managed server."""
    tool_parser: str | None = None
    """vLLM --tool-call-parser: hermes, qwen3_xml, mistral, ..."""
    reasoning_parser: str | None = None
    """vLLM --reasoning-parser: qwen3, openai_gptoss, ..."""

    @property
    def served(self) -> "ModelConfig":
        """The entry whose server answers: itself, or for MODEL:ADAPTER the one of MODEL."""
        return self.model_copy(update={"name": self.base, "base": "", "adapter": None}) if self.base else self

    @property
    def addresses(self) -> tuple[str, ...]:
        """The names of the servers that answer: URLs, the model's own, or NAME#1, NAME#2 of replicas."""
        name = self.base or self.name
        return self.url or ((name,) if self.replicas == 1 else tuple(f"{name}#{n + 1}" for n in range(self.replicas)))

    @property
    def variants(self) -> "dict[str, ModelConfig]":
        """MODEL:ADAPTER for each of the adapters."""
        return {
            f"{self.name}:{key}": self.model_copy(
                update={"name": f"{self.name}:{key}", "base": self.name, "adapter": adapter}
            )
            for key, adapter in self.adapters.items()
        }

    def in_role(self, role: str) -> str:
        """The name of the model that answers: MODEL:ADAPTER where an adapter names the role."""
        key = next((key for key, adapter in self.adapters.items() if role in adapter.roles), None)
        return f"{self.name}:{key}" if key and not self.base else self.name

    @property
    def max_draft(self) -> int:
        given = self.speculation.max_draft
        return given if given is not None else 32 if self.backend == "llama" else 5

    def thinking_of(self, role: str) -> int:
        """Thinking tokens of a call in a role."""
        if self.max_thinking is not None:
            return self.max_thinking
        switch = self.template.options.get("enable_thinking")
        return THINKING if switch or (role == THINKER and switch is None) else 0

    @model_validator(mode="after")
    def complete(self) -> "ModelConfig":
        if self.backend == "endpoint":
            if not self.url:
                raise ValueError("backend: endpoint needs the key 'url'")
            if len(set(self.url)) < len(self.url):
                raise ValueError("url names an address twice")
            if len(self.url) > 1 and not self.model:
                raise ValueError(
                    "several addresses need the key 'model': the name of the one model that all of them serve"
                )
            if self.tls != TlsConfig() and not all(url.startswith("https:") for url in self.url):
                raise ValueError("tls is for https addresses")
        elif self.tls != TlsConfig():
            raise ValueError(f"backend: {self.backend} takes no tls: its server is on this machine")
        elif not self.weights:
            raise ValueError(f"backend: {self.backend} needs the key 'weights'")
        if self.replicas > 1 and (self.backend != "llama" or self.port):
            raise ValueError("replicas need backend: llama without a fixed port")
        methods = {"vllm": VLLM_METHODS, "llama-server": LLAMA_SERVER_METHODS}.get(self.backend, ())
        method = self.speculation.method
        if method and methods and method not in methods:
            raise ValueError(f"speculation method '{method}' is not one of {', '.join(methods)}")
        if method and not methods:
            raise ValueError(f"backend: {self.backend} takes no speculation method")
        if self.adapter and self.adapters:
            raise ValueError("give `adapter` or `adapters`: the weights alone answer to the model's own name")
        if self.adapter and (self.backend not in ("llama", "llama-server") or self.kind == "embedding"):
            raise ValueError("an adapter needs a chat model with backend: llama or llama-server")
        if self.adapters and (self.backend not in ("llama", "vllm") or self.kind == "embedding"):
            raise ValueError("adapters need a chat model with backend: llama or vllm")
        if self.adapter and self.adapter.roles:
            raise ValueError("roles are for an adapter among `adapters`: a single one answers in all of them")
        roles = Counter(role for adapter in self.adapters.values() for role in adapter.roles)
        if twice := next((role for role, count in roles.items() if count > 1), None):
            raise ValueError(f"adapters: two of them name the role '{twice}'")
        if self.adapters and self.layout:
            raise ValueError(
                "layout would merge an adapter into the weights: it goes with `adapter`, not with `adapters`"
            )
        if wrong := next((key for key in self.adapters if not ADAPTER_NAME.fullmatch(key)), None):
            raise ValueError(f"adapters: '{wrong}' must be a word of letters, digits, '-', '_' and '.'")
        if self.kind != "embedding" and (self.prompts != PromptsConfig() or self.unrelated):
            raise ValueError("prompts and unrelated are for kind: embedding")
        if self.layout and self.backend not in ("llama", "llama-server"):
            raise ValueError("layout needs backend: llama or llama-server")
        if self.speculation.lookup_min > self.speculation.lookup_max:
            raise ValueError("speculation.lookup_min is larger than lookup_max")
        return self
