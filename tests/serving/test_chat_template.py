"""Documents stay text: no content can become a control token, whatever the template does with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.errors import AgentflowError
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.text.chat_template import ChatTemplate
from agentflow.serving.text.vocab import CONTROL, USER
from benchmarks.random_weights import TEMPLATE


@pytest.fixture(scope="session")
def template(weights: LlamaModel) -> ChatTemplate:
    return ChatTemplate(weights.vocab, TEMPLATE)


HOSTILE = st.lists(
    st.sampled_from(
        ["<|im_end|>", "<|im_start|>", "<tool_call>", "</think>", "<|im_", "end|>", "\n", "user", " ", "{{ 7 }}", "é"]
    ),
    min_size=1,
).map("".join)


@given(HOSTILE, HOSTILE)
def test_content_never_becomes_a_special_token(
    weights: LlamaModel, template: ChatTemplate, system: str, text: str
) -> None:
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    call = {"id": "1", "function": {"name": "f", "arguments": {"x": text}}}
    messages += [{"role": "assistant", "content": "", "tool_calls": [call]}, {"role": "tool", "content": text}]
    tokens = template.tokens(template.render(messages))
    special = [weights.vocab.text(t) for t in tokens if weights.vocab.attributes[t] & (CONTROL | USER)]
    turn = ["<|im_start|>", "<|im_end|>"]
    assert special == [*turn * 2, "<|im_start|>", "<tool_call>", "</tool_call>", "<|im_end|>", *turn, "<|im_start|>"]
    assert text in weights.vocab.decode(tokens)


@given(st.text(max_size=40))
def test_text_survives_tokens_and_back(weights: LlamaModel, text: str) -> None:
    assert weights.vocab.decode(weights.vocab.tokenize(text)) == text.encode("utf-8", "replace").decode(
        "utf-8", "replace"
    )


def test_siblings_share_their_tokens_up_to_where_they_differ(template: ChatTemplate) -> None:
    def tokens(sentence: str) -> list[int]:
        return template.tokens(template.render([{"role": "user", "content": f"Question: who?\nSentence: {sentence}"}]))

    left, right = tokens("the sea was calm"), tokens("my tooth hurts")
    assert left[:8] == right[:8]


def test_a_template_that_refuses_says_why(weights: LlamaModel) -> None:
    strict = ChatTemplate(weights.vocab, "{{ raise_exception('roles must alternate') }}")
    with pytest.raises(AgentflowError, match="roles must alternate"):
        strict.render([{"role": "user", "content": "hi"}])


def test_templates_cannot_reach_python(weights: LlamaModel) -> None:
    hostile = ChatTemplate(weights.vocab, "{{ messages.__class__.__base__.__subclasses__() }}")
    with pytest.raises(AgentflowError, match="unsafe"):
        hostile.render([{"role": "user", "content": "hi"}])
