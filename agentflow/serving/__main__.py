"""`python -m agentflow.serving --config FILE`: the server's own process. One JSON line on stdout says how it went."""

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agentflow.errors import AgentflowError, ConfigError
from agentflow.serving.config import ServerConfig


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m agentflow.serving", description=__doc__)
    parser.add_argument("--config", required=True, help="a JSON file, or - for stdin")
    parser.add_argument("--verbose", action="store_true", help="llama.cpp's own log too")
    options = parser.parse_args()
    level = logging.DEBUG if options.verbose else logging.INFO
    logging.getLogger("agentflow").setLevel(level)
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        from agentflow.serving.server import serve

        asyncio.run(serve(read_config(options.config), say))
    except AgentflowError as error:
        say({"ready": False, "error": error.message, "hint": error.hint})
        return error.exit_code
    return 0


def read_config(source: str) -> ServerConfig:
    text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    try:
        return ServerConfig.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"server configuration: {place}: {first['msg']}") from error


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
