"""Training against inference, in PyTorch: skipped where only the product is installed."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch: pip install -r starter/requirements.txt")

from starter import init, shipped
from starter.config import WEIGHTS, Shape
from starter.export_gguf import export as export_gguf
from starter.export_hf import export as export_hf
from starter.model import Decoder
from starter.pack import Path as Branch
from starter.pack import grow, pack

TINY = Shape("tiny", width=64, layers=2, heads=2, inner=96, empty=16, vocabulary=12_288, context=256)


@pytest.fixture(scope="module")
def model() -> Decoder:
    return init.build(TINY, None)


def alone(model: Decoder, tokens: list[int]) -> "torch.Tensor":
    length = len(tokens)
    states = model(torch.tensor([tokens]), torch.arange(length)[None], torch.full((1, length), length))
    return model.logits(states[0, -1]).detach()


def test_a_branch_of_a_tree_computes_what_its_prompt_computes_alone(model: Decoder) -> None:
    prompts = [[5, 6, 7, 20, 21, 1], [5, 6, 7, 30, 2], [5, 6, 40, 41, 42, 1]]
    tree = grow(Branch(p, [0.0] * (len(p) - 1) + [1.0]) for p in prompts)
    rows = pack([tree, tree], length=32, pad=0)
    tokens, depth, end = (torch.from_numpy(a).long() for a in (rows.tokens, rows.depth, rows.end))
    logits = model.logits(model(tokens, depth, end))[0]
    verdicts = np.flatnonzero(rows.weight[0])
    for place, prompt in zip(verdicts, sorted(prompts), strict=False):
        assert torch.allclose(logits[place], alone(model, prompt[:-1]), atol=1e-4)


def test_copying_works_before_the_first_step() -> None:
    shape = Shape("copy", width=256, layers=2, heads=4, inner=64, empty=64)
    model = init.build(shape, None)
    text = np.random.default_rng(0).integers(0, 12_000, 200).tolist()
    tokens = torch.tensor([text + text[:60]])
    states = model(tokens, torch.arange(260)[None], torch.full((1, 260), 260))
    guessed = model.logits(states[0, 200:259]).argmax(-1)
    assert (guessed == tokens[0, 201:]).float().mean() > 0.8


def test_the_gguf_and_the_hugging_face_files_agree_with_pytorch(model: Decoder, tmp_path: Path) -> None:
    tokenizer = shipped.load(WEIGHTS / "starter.gguf")[2]
    state = {name: value.detach().numpy() for name, value in model.named_parameters()}
    tokens = list(range(100, 160))
    wanted = alone(model, tokens).numpy()
    transformers = pytest.importorskip("transformers")
    hub = transformers.AutoModelForCausalLM.from_pretrained(export_hf(state, TINY, tokenizer, tmp_path / "hf")).eval()
    with torch.no_grad():
        assert np.abs(hub(torch.tensor([tokens])).logits[0, -1].float().numpy() - wanted).max() < 1e-3
    llama_cpp = pytest.importorskip("llama_cpp")
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    path = export_gguf(state, TINY, tmp_path / "tokenizer.json", tmp_path / "tiny.gguf", quantised=False)
    llama = llama_cpp.Llama(str(path), n_ctx=256, verbose=False)
    llama.eval(tokens)
    logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(llama.ctx, -1), shape=(llama.n_vocab(),))
    assert np.abs(logits - wanted).max() < 0.05
