"""The shipped GGUF in llama.cpp in this process, with the graphs' prompts, the product's grammars, greedy decoding."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from llama_cpp import Llama
from numpy.typing import NDArray

from agentflow.llama.grammar import Grammar, GrammarCompiler
from agentflow.llama.vocab import Vocab
from agentflow.prompts import load_prompt
from starter.config import PROMPTS
from starter.example import prompt_text

# What agentflow.research.reading.probability_of_yes computes, from the logits: P(yes) over P(yes) + P(no).


class Local:
    """`tokens` and `seconds` count what was generated, without the prompts; `unended` answers cut by their limit."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        self.llama = Llama(
            str(path), n_ctx=4096, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False
        )
        self.vocab = Vocab(llama_cpp.llama_model_get_vocab(self.llama.model))
        self.compiler = GrammarCompiler(self.vocab)
        self.yes, self.no = self.encode("yes")[0], self.encode("no")[0]
        self.tokens, self.seconds, self.unended = 0, 0.0, 0

    def encode(self, text: str) -> list[int]:
        return list(self.llama.tokenize(text.encode(), add_bos=False, special=True))

    def prefill(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """(vocabulary,) logits after the last token; a beginning shared with the call before is not computed again."""
        llama = self.llama
        known = llama.input_ids[: llama.n_tokens]
        shared = 0
        while shared < min(len(known), len(tokens) - 1) and known[shared] == tokens[shared]:
            shared += 1
        llama.n_tokens = shared
        llama.eval(list(tokens[shared:]))
        return self.logits()

    def logits(self) -> NDArray[np.float32]:
        pointer = llama_cpp.llama_get_logits_ith(self.llama.ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.vocab.size,))

    def relevance(self, question: str, source: str, sentence: str) -> float:
        values = {"question": question, "source": source, "sentence": sentence}
        logits = self.prefill(self.encode(prompt_text("judge", values)))
        return float(1 / (1 + np.exp(logits[self.no] - logits[self.yes])))

    def ask(self, prompt: str, values: dict[str, Any], schema: Any = None) -> Any:
        """The answer's data; None when it did not end within the prompt's token limit."""
        wanted = load_prompt(PROMPTS / f"{prompt}.yaml")
        grammar = self.compiler.from_schema(schema or wanted.schema)
        self.prefill(self.encode(prompt_text(prompt, values)))
        began = time.monotonic()
        made = self.decode(grammar, wanted.max_tokens)
        self.seconds += time.monotonic() - began
        self.tokens += len(made)
        if len(made) == wanted.max_tokens:
            self.unended += 1
            return None
        return json.loads(self.llama.detokenize(made).decode("utf-8", "replace"))

    def decode(self, grammar: Grammar, limit: int) -> list[int]:
        """Greedy; the mask over the vocabulary is made only where the likeliest token breaks the grammar."""
        made: list[int] = []
        while len(made) < limit:
            logits = self.logits()
            token = int(logits.argmax())
            if (token not in self.vocab.ends and not grammar.allows(token)) or (
                token in self.vocab.ends and not grammar.accepting
            ):
                token = int(np.where(grammar.mask(), logits, -np.inf).argmax())
            if token in self.vocab.ends:
                break
            grammar.accept(token)
            made.append(token)
            if grammar.complete:
                break
            self.llama.eval([token])
        return made


class Embedder:
    """MiniLM, the project's GGUF of it."""

    def __init__(self, threads: int = 2) -> None:
        from agentflow.models.minilm import ensure_minilm

        self.llama = Llama(str(ensure_minilm()), embedding=True, flash_attn=True, n_ctx=256, n_batch=256, n_ubatch=256, n_threads=threads, n_threads_batch=threads, verbose=False)  # fmt: skip

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts), 384), rows of length 1."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        rows = np.empty((len(texts), 384), np.float32)
        rows[order] = self.llama.embed([texts[at] for at in order], normalize=True, truncate=True)
        return rows

    def similarity(self, question: str, texts: Sequence[str]) -> list[float]:
        """Cosines, as `agentflow.corpus.search` gives them to the reader."""
        vectors = self.embed([question, *texts])
        return [float(cosine) for cosine in vectors[1:] @ vectors[0]]
