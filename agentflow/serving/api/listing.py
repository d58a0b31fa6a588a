"""Bodies of /v1/models and /v1/embeddings."""

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from agentflow.serving.loaded_models import LoadedModels

Json = dict[str, Any]


def models(loaded: "LoadedModels", created: int) -> Json:
    """A model by its own name; further names are among its `aliases`."""
    data: list[Json] = [
        {
            "kind": "chat",
            "id": name,
            "context_window": chat.window,
            "parallel": chat.parallel,
            "thinks": chat.thinks,
        }
        for name, chat in loaded.chats.items()
    ]
    for model in data:
        if engine := loaded.engines.get(model["id"]):
            model |= {"batch": engine.context.batch_size, "prefill_threads": engine.context.prefill_threads}
    data += [
        {"kind": "embedding", "id": name, "context_window": embedder.window, "dimensions": embedder.width}
        for name, embedder in loaded.embedders.items()
    ]
    for model in data:
        others = [alias for alias, name in loaded.aliases.items() if name == model["id"]]
        model |= {"object": "model", "created": created, "owned_by": "agentflow", "aliases": others}
    return {"object": "list", "data": data}


def embeddings(model: str, vectors: NDArray[np.float32], tokens: int, form: str) -> bytes:
    def shown(vector: NDArray[np.float32]) -> Any:
        return base64.b64encode(vector.tobytes()).decode() if form == "base64" else vector.tolist()

    data = [{"object": "embedding", "index": i, "embedding": shown(vector)} for i, vector in enumerate(vectors)]
    counted = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"object": "list", "model": model, "data": data, "usage": counted}).encode()
