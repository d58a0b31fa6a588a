"""The file that ships: PyTorch's logits, our tokenizer, the chat template and the special tokens, in llama.cpp."""

import json
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from llama_cpp import Llama

from agentflow.models.request import Message
from starter.chat import TEMPLATE, render
from starter.config import WEIGHTS
from starter.example import prompt_text

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama(str(WEIGHTS / "starter.gguf"), n_ctx=1024, n_threads=1, n_threads_batch=1, verbose=False)


def test_the_files_that_ship_are_small() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.gguf")) <= 25_000_000


@pytest.mark.parametrize("row", GOLDEN["prompts"], ids=lambda row: row["prompt"])
def test_text_becomes_the_tokens_it_was_trained_on(llama: Llama, row: dict[str, Any]) -> None:
    text = prompt_text(row["prompt"], row["values"])
    assert llama.tokenize(text.encode(), add_bos=False, special=True) == row["tokens"]


@pytest.mark.parametrize("row", GOLDEN["prompts"], ids=lambda row: row["prompt"])
def test_llama_cpp_computes_what_pytorch_computes(llama: Llama, row: dict[str, Any]) -> None:
    llama.reset()
    llama.eval(row["tokens"])
    size = llama.n_vocab()
    logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(llama.ctx, -1), shape=(size,))
    assert int(logits.argmax()) == row["best"]
    assert np.abs(logits[:: GOLDEN["every"]] - np.array(row["logits"])).max() < 0.1


def test_a_verdict_is_one_token_and_digits_stand_alone(llama: Llama) -> None:
    def count(text: str) -> int:
        return len(llama.tokenize(text.encode(), add_bos=False, special=True))

    assert count("yes") == count("no") == 1
    assert count("2026") == 4


def test_messages_end_and_answers_begin_with_single_tokens(llama: Llama) -> None:
    (end,) = llama.tokenize(b"<|end|>", add_bos=False, special=True)
    assert llama.token_eos() == end
    for token in ("<|system|>", "<|user|>", "<|assistant|>"):
        assert len(llama.tokenize(token.encode(), add_bos=False, special=True)) == 1


def test_the_template_in_the_file_renders_what_training_rendered(llama: Llama) -> None:
    messages = (Message("system", "Reply yes or no."), Message("user", "Question: Who?"))
    template = ImmutableSandboxedEnvironment().from_string(llama.metadata["tokenizer.chat_template"])
    plain = [{"role": m.role, "content": m.content} for m in messages]
    assert llama.metadata["tokenizer.chat_template"] == TEMPLATE
    assert template.render(messages=plain, add_generation_prompt=True) == render(messages)
