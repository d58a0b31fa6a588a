# What one types here. `make` alone lists the targets.
.PHONY: help check fix test cover docs bench wheel
PEER ?=

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

check: ## what must hold before a commit: lint, format, layers, types (under a minute)
	uv run ruff check .
	uv run ruff format --check .
	uv run lint-imports
	uv run mypy

fix: ## what can be mended by itself: lint, format, docs/api.md
	uv run ruff check --fix .
	uv run ruff format .
	uv run python scripts/api_docs.py

test: ## the tests, without the slow ones
	uv run pytest

cover: ## the tests with the lines and branches that none of them reaches
	uv run --with pytest-cov pytest --cov --cov-report=term-missing:skip-covered

docs: ## the site, into site/; any broken link is an error
	scripts/docs

bench: ## the engine's bookkeeping beside bare LangGraph; PEER=PATH compares serving with that llama-server
	uv run python -m benchmarks.overhead
	$(if $(PEER),uv run python -m benchmarks.serving --llama-server $(PEER))

wheel: ## builds the wheel, installs it in an empty environment and asks it a question
	scripts/wheel-test
