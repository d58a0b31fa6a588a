"""A chat model at work: weights, context, engine, template and grammar compiler under one name."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.engine.request import GenerationRequest, Sink
from agentflow.serving.engine.thinking import ThinkingLimit
from agentflow.serving.protocol import ChatRequest, CompletionRequest, GenerationRequestBody
from agentflow.serving.text.chat_template import ChatTemplate
from agentflow.serving.text.grammar import Grammar, GrammarCompiler
from agentflow.serving.text.output_parser import THINK, THINK_END, AnswerParser
from agentflow.serving.text.tool_parser import detect_format, forced_call, free_or_call, instruction
from agentflow.serving.text.vocab import Vocab

DEFAULT_TOKENS = 1024  # of an answer whose request names no limit
MOST_LOOKED_UP, LONGEST_TOKEN = 16_384, 64  # tokens of a request; characters


@dataclass(frozen=True, slots=True)
class PreparedPrompt:
    job: GenerationRequest
    parser: AnswerParser


class ChatModel:
    """`open_engine` makes the context and starts its worker: for some seconds, when `engine` is first asked for."""

    def __init__(
        self, name: str, template: ChatTemplate, compiler: GrammarCompiler, window: int, parallel: int,
        open_engine: Callable[[], InferenceEngine],
    ) -> None:  # fmt: skip
        self.name = name
        self.template = template
        self.compiler = compiler
        self.window = window
        self.parallel = parallel
        self.form = detect_format(template.source)
        self.opened: InferenceEngine | None = None
        self._open = open_engine
        self._opening = threading.Lock()

    @property
    def engine(self) -> InferenceEngine:
        with self._opening:
            self.opened = self.opened or self._open()
        return self.opened

    @property
    def vocab(self) -> Vocab:
        return self.template.vocab

    @property
    def thinks(self) -> bool:
        """Its template has a place for thinking."""
        return THINK in self.template.source or "enable_thinking" in self.template.source

    def prompt(self, ask: ChatRequest) -> tuple[list[int], bool]:
        """(tokens, whether they end inside a think block)."""
        tools = sorted(offered(ask), key=lambda tool: str(tool["function"]["name"]))
        messages = ask.messages
        if tools and not self.template.knows_tools:
            messages = with_instruction(messages, instruction(tools))
        options = dict(ask.chat_template_kwargs)
        if ask.add_generation_prompt is not None:
            options["add_generation_prompt"] = ask.add_generation_prompt
        parts = self.template.render(messages, tools, options, continues=ask.continue_final_message)
        return self.template.tokens(parts), parts[-1][0].rstrip().endswith(THINK)

    def chat(self, ask: ChatRequest, sinks: Sequence[Sink]) -> list[PreparedPrompt]:
        """A job for each sink. Raises AgentflowError for anything in the request that cannot be done, before it costs
        a step."""
        tools = offered(ask)
        tokens, thinking = self.prompt(ask)
        try:
            schema = ask.schema_asked
        except ValueError as error:
            raise AgentflowError(str(error)) from error
        prepared = []
        for choice, sink in enumerate(sinks):
            job = self._job(ask, tokens, sink, ask.max_completion_tokens or ask.max_tokens, choice)
            job.grammar = self._grammar(ask, tools, schema)
            job.grammar_after = THINK_END if job.grammar is not None and thinking else ""
            if ask.max_thinking is not None:
                job.thinking = ThinkingLimit.of(ask.max_thinking, self.vocab, thinking)
            job.show_specials = bool(tools)
            job.logprobs = ask.top_logprobs if ask.logprobs else None
            prepared.append(PreparedPrompt(job, AnswerParser(thinking, self.form if tools else None)))
        return prepared

    def complete(self, ask: CompletionRequest, sinks: Sequence[Sink]) -> list[PreparedPrompt]:
        """A job for each sink, `n` a prompt. Raw text: a prompt given as text may write control tokens by their names
        only as plain text."""
        prepared = []
        for number, sink in enumerate(sinks):
            tokens = self.prompt_tokens(ask.prompts[number // ask.n])
            job = self._job(ask, tokens, sink, ask.max_tokens, number % ask.n)
            job.grammar = self.compiler.from_gbnf(ask.grammar) if ask.grammar else None
            job.logprobs = ask.logprobs
            prepared.append(PreparedPrompt(job, AnswerParser(raw=True)))
        return prepared

    def prompt_tokens(self, prompt: str | list[int]) -> list[int]:
        tokens = self.template.tokens([(prompt, False)]) if isinstance(prompt, str) else prompt
        return tokens or [max(self.vocab.bos, 0)]

    def _grammar(self, ask: ChatRequest, tools: list[dict[str, Any]], schema: Any) -> Grammar | None:
        if isinstance(ask.tool_choice, dict):
            function = ask.tool_choice.get("function")
            name = function.get("name") if isinstance(function, dict) else ask.tool_choice.get("name")
            tools = [tool for tool in tools if tool["function"]["name"] == name]
            if not tools:
                raise AgentflowError(f"tool_choice names {name!r}, which is not among the tools")
        elif ask.tool_choice not in ("auto", "none", "required"):
            raise AgentflowError(f"unknown tool_choice {ask.tool_choice!r}")
        if tools and ask.tool_choice != "auto":
            return forced_call(tools, self.form, self.compiler)
        if schema is not None:
            return self.compiler.from_schema(schema)
        if ask.grammar:
            return self.compiler.from_gbnf(ask.grammar)
        return free_or_call(tools, self.form, self.compiler) if tools else None

    def _job(
        self, ask: GenerationRequestBody, prompt: list[int], sink: Sink, max_tokens: int | None, choice: int
    ) -> GenerationRequest:
        left = max(1, self.window - len(prompt))
        return GenerationRequest(
            prompt=prompt,
            sink=sink,
            max_tokens=min(max_tokens or DEFAULT_TOKENS, left),
            sampling=ask.sampling(choice),
            stop=ask.stops,
            priority=ask.priority,
            deadline=time.monotonic() + ask.deadline_s if ask.deadline_s else None,
            run=ask.run,
            lookup=self._lookup(ask.lookup),
            next_use=ask.next_use_steps,
            drafting=ask.speculation,
            ignore_end=ask.ignore_eos,
        )

    def _lookup(self, texts: Sequence[str]) -> tuple[list[int], ...]:
        """Tokens from which answers may be guessed, so many that their index is made in no time: others wait for it."""
        found, left = list[list[int]](), MOST_LOOKED_UP
        for text in texts:
            found.append(self.vocab.tokenize(text[: left * LONGEST_TOKEN])[:left])
            left -= len(found[-1])
        return tuple(found)


def offered(ask: ChatRequest) -> list[dict[str, Any]]:
    """The tools that the model may call."""
    return [] if ask.tool_choice == "none" else ask.tools


def with_instruction(messages: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The tools' description at the end of the system message, or as one."""
    first = messages[0]
    if first["role"] == "system":
        return [{**first, "content": f"{first['content']}\n\n{text}"}, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]
