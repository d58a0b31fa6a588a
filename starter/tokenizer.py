"""Byte-level BPE with Qwen2's pre-tokenizer, which llama.cpp, vLLM and tokenizers implement alike; digits stand alone."""

import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from starter.chat import SPECIAL
from starter.config import VOCABULARY
from starter.split import training_rows

# Must stay letter for letter that of llama.cpp's LLAMA_VOCAB_PRE_TYPE_QWEN2.
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Answers and prompt frames, repeated so that their merges are certain: the first word of an answer must be one token.
FRAMES = (
    "yes",
    "no",
    "Question: \nSource: \nSentence: ",
    "Evidence:\n[1] \n\nQuestion: ",
    "Quote: \nClaim: ",
    "Tools:\n- search(query: string): \n\nGoal: \nCalled search(): ",
    "Question 1: \n- nothing found\n",
    '{"claims": [{"evidence": [1], "text": "a"}, {"evidence": [1, 2], "text": "a"}]}',
    '{"claims": []}',
    '{"questions": ["a", "b"]}',
    '{"answer": "a"}',
    '{"support": "supported"}',
    '{"support": "partial"}',
    '{"support": "contradicted"}',
    '{"support": "unsupported"}',
    '{"open": [1, 2], "search": ["a", "b"]}',
    '{"open": [], "search": []}',
    '{"tool": "answer", "arguments": {"text": "a"}}',
    '{"tool": "calculator", "arguments": {"expression": "1 + 2"}}',
)


def train(path: Path, size: int = VOCABULARY) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sample(), trainer)
    # Special tokens come last, as in Qwen2's files.
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.save(str(path))
    return tokenizer


def sample(seed: int = 1) -> list[str]:
    """About 12 MB: modern prose and questions in full, old books and amazon and reddit texts in part."""
    rng = random.Random(seed)
    texts: list[str] = []
    for name, share in {"wiki": 1.0, "expository": 1.0, "pylibs": 1.0, "government": 0.4, "books": 0.08}.items():
        texts += [r["text"] for r in training_rows(f"text/{name}.jsonl.gz") if rng.random() < share]
    contexts = set()
    for row in training_rows("qa/train.jsonl"):
        texts.append(row["question"])
        if row["context"] not in contexts and (row["source"] == "new_wiki" or rng.random() < 0.3):
            contexts.add(row["context"])
            texts.append(row["context"])
    for name in ("multiple", "parallel"):
        texts += [str(row["functions"]) for row in training_rows(f"tools/bfcl/{name}.jsonl")]
    return texts + [frame for frame in FRAMES for _ in range(2_000)]


def load(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))


if __name__ == "__main__":
    from starter.config import RUNS

    RUNS.mkdir(parents=True, exist_ok=True)
    print(train(RUNS / "tokenizer.json").get_vocab_size())
