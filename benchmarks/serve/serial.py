"""The peer `llama_cpp.Llama` behind standard input and output."""

import json
import sys
import time

import llama_cpp

from agentflow.serving.backend import amx

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
        grammar = llama_cpp.LlamaGrammar.from_string(ask["grammar"], verbose=False) if ask["grammar"] else None
        held = model._input_ids.tolist()
        cached = next(
            (i for i, (a, b) in enumerate(zip(held, ask["prompt"], strict=False)) if a != b),
            min(len(held), len(ask["prompt"])),
        )
        began, first, written = time.perf_counter(), 0.0, 0
        for _ in model.generate(ask["prompt"], temp=0.0, top_k=1, grammar=grammar):
            first = first or time.perf_counter() - began
            written += 1
            if written == ask["tokens"]:
                break
        seconds = time.perf_counter() - began
        print(json.dumps({"first": first, "seconds": seconds, "cached": cached, "written": written}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
