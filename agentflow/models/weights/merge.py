"""A LoRA adapter added into the weights it was trained for: one GGUF file that needs no adapter."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow.errors import AgentflowError
from agentflow.serving.backend.gguf_file import finish

if TYPE_CHECKING:
    from numpy.typing import NDArray

HINT = "an adapter works with the model it was trained for, alone: mend `adapter` or `weights` in models.yaml"


def write_merged(base: Path, adapter: Path, scale: float, target: Path) -> None:
    """Matrices that the adapter changes are written in float16, all others and the metadata as they are.

    Raises AgentflowError when the adapter was made for another model.
    """
    import numpy as np
    from gguf import GGUFReader, GGUFWriter
    from gguf.quants import dequantize

    source = GGUFReader(base)
    pairs, alpha = read_adapter(adapter)
    if strange := pairs.keys() - {tensor.name for tensor in source.tensors}:
        raise AgentflowError(f"the adapter {adapter} does not fit {base}: no matrix {min(strange)}", HINT)
    writer = GGUFWriter(target, source.fields["general.architecture"].contents())
    _copy_metadata(source, writer)
    for tensor in source.tensors:
        if tensor.name not in pairs:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
            continue
        a, b = pairs[tensor.name]
        weights = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if weights.shape != (b.shape[0], a.shape[1]):
            raise AgentflowError(f"the adapter {adapter} does not fit {base}: {tensor.name} has another shape", HINT)
        weights += b @ a * np.float32(scale * (alpha / len(a) if alpha else 1.0))
        writer.add_tensor(tensor.name, weights.astype(np.float16))
    finish(writer)


def read_adapter(path: Path) -> "tuple[dict[str, tuple[NDArray[Any], NDArray[Any]]], float]":
    """A (rank, inputs) and B (outputs, rank) of every changed matrix in float32, and alpha. Raises AgentflowError."""
    import numpy as np
    from gguf import GGUFReader
    from gguf.quants import dequantize

    try:
        reader = GGUFReader(path)
        alpha = float(reader.fields["adapter.lora.alpha"].contents())
    except (OSError, ValueError, KeyError) as error:
        raise AgentflowError(f"{path} is not a LoRA adapter in GGUF ({error})", HINT) from error
    found = {tensor.name: dequantize(tensor.data, tensor.tensor_type).astype(np.float32) for tensor in reader.tensors}
    names = {name.removesuffix(".lora_a") for name in found if name.endswith(".lora_a")}
    if "token_embd.weight" in names or found.keys() != {
        f"{name}.{part}" for name in names for part in ("lora_a", "lora_b")
    }:
        raise AgentflowError(
            f"{path} changes more than matrices, and cannot be merged", "remove `layout` in models.yaml"
        )
    return {name: (found[f"{name}.lora_a"], found[f"{name}.lora_b"]) for name in names}, alpha


def _copy_metadata(source: Any, writer: Any) -> None:
    from gguf import GGUFValueType

    for field in source.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
