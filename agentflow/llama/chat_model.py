"""A chat model at work: weights, context, engine, template and grammar compiler under one name."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentflow.errors import AgentflowError, ContextOverflow
from agentflow.llama.answer import THINK, THINK_END, AnswerParser
from agentflow.llama.engine import Engine
from agentflow.llama.grammar import Grammar, GrammarCompiler
from agentflow.llama.job import Job, Sink
from agentflow.llama.openai_api import Ask, ChatAsk, CompletionAsk, schema_of
from agentflow.llama.template import ChatTemplate
from agentflow.llama.tools import forced_call, format_of, free_or_call, instruction
from agentflow.llama.vocab import Vocab

DEFAULT_TOKENS = 1024  # of an answer whose request names no limit


@dataclass(frozen=True, slots=True)
class Prepared:
    job: Job
    parser: AnswerParser


class ChatModel:
    def __init__(self, name: str, engine: Engine, template: ChatTemplate, compiler: GrammarCompiler) -> None:
        self.name = name
        self.engine = engine
        self.template = template
        self.compiler = compiler
        self.form = format_of(template.source)

    @property
    def vocab(self) -> Vocab:
        return self.engine.vocab

    @property
    def window(self) -> int:
        window: int = self.engine.window
        return window

    def prompt(
        self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]], options: dict[str, Any]
    ) -> tuple[list[int], bool]:
        """(tokens, whether they end inside a think block)."""
        tools = sorted(tools, key=lambda tool: str(tool["function"]["name"]))
        if tools and not self.template.knows_tools:
            messages = with_instruction(messages, instruction(tools))
        parts = self.template.render(messages, tools, options)
        return self.template.tokens(parts), parts[-1][0].rstrip().endswith(THINK)

    def chat(self, ask: ChatAsk, sink: Sink) -> Prepared:
        """Raises AgentflowError for anything in the request that cannot be done, before it costs a step."""
        tools = [] if ask.tool_choice == "none" else (ask.tools or [])
        tokens, thinking = self.prompt(ask.messages, tools, ask.chat_template_kwargs)
        try:
            schema = schema_of(ask.response_format)
        except ValueError as error:
            raise AgentflowError(str(error)) from error
        grammar = self._grammar(ask, tools, schema)
        job = self._job(ask, tokens, sink, ask.max_completion_tokens or ask.max_tokens)
        job.grammar = grammar
        job.grammar_after = THINK_END if grammar is not None and thinking else ""
        job.show_specials = bool(tools)
        job.logprobs = (ask.top_logprobs or 0) if ask.logprobs else None
        return Prepared(job, AnswerParser(thinking, self.form if tools else None))

    def complete(self, ask: CompletionAsk, sink: Sink) -> Prepared:
        """Raw text: a prompt given as text may write control tokens by their names only as plain text."""
        if isinstance(ask.prompt, list) and ask.prompt and isinstance(ask.prompt[0], str):
            if len(ask.prompt) != 1:
                raise AgentflowError("one prompt a request", "send several requests; they share their prefix")
            tokens = self.template.tokens([(str(ask.prompt[0]), False)])
        elif isinstance(ask.prompt, str):
            tokens = self.template.tokens([(ask.prompt, False)])
        else:
            tokens = [int(token) for token in ask.prompt]
        job = self._job(ask, tokens or [max(self.vocab.bos, 0)], sink, ask.max_tokens)
        job.grammar = self.compiler.from_gbnf(ask.grammar) if ask.grammar else None
        job.logprobs = ask.logprobs
        return Prepared(job, AnswerParser())

    def _grammar(self, ask: ChatAsk, tools: list[dict[str, Any]], schema: Any) -> Grammar | None:
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

    def _job(self, ask: Ask, prompt: list[int], sink: Sink, max_tokens: int | None) -> Job:
        left = self.window - len(prompt)
        if left < 1:
            raise ContextOverflow(
                f"the prompt has {len(prompt)} tokens, the window of {self.name} holds {self.window}",
                "shorten the prompt, or raise `context` in models.yaml",
            )
        return Job(
            prompt=prompt,
            sink=sink,
            max_tokens=min(max_tokens or DEFAULT_TOKENS, left),
            sampling=ask.sampling,
            stop=ask.stops,
            priority=ask.priority,
            deadline=time.monotonic() + ask.deadline_s if ask.deadline_s else None,
            run=ask.run,
            lookup=tuple(self.vocab.tokenize(text) for text in ask.lookup),
            next_use=ask.next_use_steps,
            drafting=ask.speculation,
            ignore_end=ask.ignore_eos,
        )


def with_instruction(messages: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The tools' description at the end of the system message, or as one."""
    first = messages[0]
    if first["role"] == "system":
        return [{**first, "content": f"{first['content']}\n\n{text}"}, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]
