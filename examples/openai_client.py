"""Any OpenAI client works on our server: `agentflow serve --key secret`, then, in another terminal,
OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=secret python examples/openai_client.py"""

from openai import OpenAI

SCHEMA = {
    "type": "object",
    "properties": {"capital": {"type": "string", "maxLength": 40}},
    "required": ["capital"],
    "additionalProperties": False,
}

client = OpenAI()  # reads the two variables
answer = client.chat.completions.create(
    model=client.models.list().data[0].id,
    messages=[{"role": "user", "content": "What is the capital of France? Reply in JSON."}],
    response_format={"type": "json_schema", "json_schema": {"name": "capital", "schema": SCHEMA}},
    max_tokens=60,
)
print(answer.choices[0].message.content)  # always fits the schema
