"""Text streams out whole: no half characters, no stop strings, nothing lost."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.text.vocab import TextStream


@given(
    st.text(alphabet="ab<|é漢🙂 ", max_size=30), st.lists(st.text(alphabet="ab<|é", min_size=1, max_size=3), max_size=1)
)
def test_a_stream_gives_the_text_up_to_the_first_stop_string(weights: LlamaModel, text: str, stops: list[str]) -> None:
    stream = TextStream(weights.vocab, tuple(stops))
    shown = ""
    for token in weights.vocab.tokenize(text):
        shown += stream.push(token)
        if stream.stopped:
            break
    else:
        shown += stream.close()
    cuts = [text.index(stop) for stop in stops if stop in text]
    assert stream.stopped == bool(cuts)
    assert shown == (text[: min(cuts)] if cuts else text)


@given(st.text(min_size=1, max_size=20))
def test_no_piece_holds_half_a_character(weights: LlamaModel, text: str) -> None:
    stream = TextStream(weights.vocab)
    pieces = [stream.push(token) for token in weights.vocab.tokenize(text)]
    assert "".join(pieces) == text
