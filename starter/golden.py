"""PyTorch's logits for a few prompts, kept with the tests: `python -m starter.golden`. The shipped GGUF must agree."""

import json
from pathlib import Path

import torch

from starter import tokenizer as tokenizers
from starter.config import ROOT, RUNS, STARTER
from starter.example import prompt_text
from starter.model import Decoder

PATH = ROOT / "tests" / "starter" / "golden.json"
ASKED: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "judge",
        {
            "question": "When was the harbour light built?",
            "source": "notes/coast.md › Lights",
            "sentence": "It was built in 1871.",
        },
    ),
    (
        "judge",
        {
            "question": "Wer baute die Brücke — 橋?",
            "source": "ÿ\u2028",
            "sentence": "naïve café № 5: ½ … “quoted” \U0001f600 don't",
        },
    ),
    (
        "check",
        {
            "claim": "The bridge is 120 m long.",
            "quotes": [{"quote": "The bridge is 210 m long.", "source": "bridge.txt"}],
        },
    ),
    ("plan", {"question": "Who designed the mill and when did it burn down?"}),
)


def main() -> None:
    saved = torch.load(RUNS / "starter.pt", map_location="cpu", weights_only=True)
    model = Decoder(STARTER)
    model.load_state_dict({name: value.half().float() for name, value in saved["model"].items()})
    tokenizer = tokenizers.load(RUNS / "tokenizer.json")
    kept = range(0, STARTER.vocabulary, 97)
    rows = []
    for prompt, values in ASKED:
        ids = tokenizer.encode(prompt_text(prompt, values)).ids
        tokens = torch.tensor([ids])
        with torch.no_grad():
            states = model(tokens, torch.arange(len(ids))[None], torch.full((1, len(ids)), len(ids)))
            logits = model.logits(states[0, -1])
        rows.append(
            {
                "prompt": prompt,
                "values": values,
                "tokens": ids,
                "best": int(logits.argmax()),
                "logits": [round(float(logits[i]), 3) for i in kept],
            }
        )
    PATH.write_text(json.dumps({"every": 97, "prompts": rows}, ensure_ascii=False) + "\n", "utf-8")
    print(Path(PATH))


if __name__ == "__main__":
    main()
