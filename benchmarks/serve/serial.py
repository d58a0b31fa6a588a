"""The peer `llama_cpp.Llama` behind standard input and output."""

import json
import sys
import time
from typing import Any

import llama_cpp

from agentflow.serving.backend import amx
from agentflow.serving.kvcache.radix_tree import common

_defaults = llama_cpp.llama_model_default_params


def without_amx() -> llama_cpp.llama_model_params:
    params = _defaults()
    params.use_extra_bufts = False
    return params


def main(path: str, threads: str, window: str) -> None:
    if amx.is_broken():
        llama_cpp.llama_cpp.llama_model_default_params = without_amx
    count = int(threads)
    model = llama_cpp.Llama(
        path, n_ctx=int(window), n_threads=count, n_threads_batch=count, flash_attn=True, verbose=False, n_batch=512
    )
    print("ready", flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        if chat := ask.get("chat"):
            print(json.dumps(answer(model, chat)), flush=True)
            continue
        cached = kept(model, ask["prompt"])
        began, first, written = time.perf_counter(), 0.0, 0
        for _ in model.generate(ask["prompt"], temp=0.0, top_k=1):
            first = first or time.perf_counter() - began
            written += 1
            if written == ask["tokens"]:
                break
        seconds = time.perf_counter() - began
        print(json.dumps({"first": first, "seconds": seconds, "cached": cached, "written": written}), flush=True)


def kept(model: llama_cpp.Llama, prompt: list[int]) -> int:
    """Tokens of the prompt that the model holds already: it looks at its last prompt alone."""
    return common(model._input_ids.tolist(), prompt)


def answer(model: llama_cpp.Llama, chat: dict[str, Any]) -> dict[str, Any]:
    """One chat answer in the fields of `sides.Answered`."""
    form = chat.get("response_format")
    schema = {"type": "json_object", "schema": form["json_schema"]["schema"]} if form else None
    cached, generate = [0], model.generate

    def counted(tokens: list[int], *arguments: Any, **options: Any) -> Any:
        cached[0] = kept(model, tokens)
        return generate(tokens, *arguments, **options)

    model.generate = counted
    began, first, text, written = time.perf_counter(), 0.0, "", 0
    try:
        for chunk in model.create_chat_completion(**{**chat, "response_format": schema}, stream=True):
            if piece := chunk["choices"][0]["delta"].get("content"):
                first = first or time.perf_counter() - began
                text += piece
                written += 1
    finally:
        model.generate = generate
    seconds = time.perf_counter() - began
    prompt = max(0, model.n_tokens - written)
    found = {"first": first, "seconds": seconds, "cached": cached[0], "written": written}
    return {**found, "text": text, "prompt": prompt}


if __name__ == "__main__":
    main(*sys.argv[1:])
