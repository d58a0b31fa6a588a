"""Any OpenAI client works on our server: this one starts it, asks, and stops it."""

import json
import subprocess
import sys

from openai import OpenAI

server = subprocess.Popen(
    [sys.executable, "-m", "agentflow", "serve", "default", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
)
try:
    assert server.stdout is not None
    ready = json.loads(server.stdout.readline())  # url, api_key, models
    client = OpenAI(base_url=f"{ready['url']}/v1", api_key=ready["api_key"])
    answer = client.chat.completions.create(
        model=ready["models"][0]["name"],
        messages=[{"role": "user", "content": "What is the capital of France? Reply in JSON."}],
        response_format={
            "type": "json_schema",
            "json_schema": {
                "name": "capital",
                "schema": {
                    "type": "object",
                    "properties": {"capital": {"type": "string", "maxLength": 40}},
                    "required": ["capital"],
                },
            },
        },
        max_tokens=60,
    )
    print(answer.choices[0].message.content)
finally:
    server.terminate()
    server.wait()
