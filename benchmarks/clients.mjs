// The checks of clients.py with OpenAI's JavaScript client: node clients.mjs URL KEY MODEL EMBEDDER
import OpenAI from "openai";
import { VERSION } from "openai/version";

const [url, key, model, embedder] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 });
const messages = [{ role: "user", content: "What is the capital of France?" }];
const schema = {
  type: "object",
  properties: { city: { type: "string", maxLength: 12 } },
  required: ["city"],
  additionalProperties: false,
};
const tools = [{ type: "function", function: { name: "look_up", parameters: schema } }];
const expect = (holds, what) => {
  if (!holds) throw new Error(what);
};

const checks = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages, max_tokens: 9, seed: -1 });
    expect(answer.usage.completion_tokens <= 9, "no usage");
  },
  async "chat, streamed"() {
    const stream = await client.chat.completions.create({ model, messages, max_tokens: 9, stream: true });
    let reason;
    for await (const chunk of stream) reason = chunk.choices[0]?.finish_reason ?? reason;
    expect(reason, "no end");
  },
  async "response_format json_schema"() {
    const response_format = { type: "json_schema", json_schema: { name: "city", schema, strict: true } };
    const answer = await client.chat.completions.create({ model, messages, max_tokens: 60, response_format });
    expect("city" in JSON.parse(answer.choices[0].message.content), "another object");
  },
  async "tool call, streamed"() {
    const stream = client.chat.completions.stream({ model, messages, tools, tool_choice: "required", max_tokens: 60 });
    const answer = await stream.finalChatCompletion();
    JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments);
  },
  async "wrong value: BadRequestError"() {
    try {
      await client.chat.completions.create({ model, messages, temperature: -1 });
    } catch (error) {
      return expect(error instanceof OpenAI.BadRequestError && error.param === "temperature", `${error}`);
    }
    throw new Error("not refused");
  },
  async responses() {
    const answer = await client.responses.create({ model, input: "Hello", max_output_tokens: 9 });
    expect(answer.output_text.length > 0, "no text");
  },
  async "responses, streamed"() {
    const stream = await client.responses.create({ model, input: "Hello", max_output_tokens: 9, stream: true });
    const kinds = [];
    for await (const event of stream) kinds.push(event.type);
    expect(kinds[0] === "response.created" && kinds.length > 6, `${kinds}`);
  },
  async models() {
    const listed = await client.models.list();
    expect(listed.data.some((one) => one.id === model), "not listed");
  },
};
if (embedder)
  checks.embeddings = async () => {
    const made = await client.embeddings.create({ model: embedder, input: ["a", "b"] });
    expect(made.data.length === 2, "not two vectors");
  };

for (const [name, check] of Object.entries(checks)) {
  const result = await check().then(
    () => "passed",
    (error) => `failed: ${error}`.slice(0, 160),
  );
  console.log(JSON.stringify([`openai ${VERSION} (JavaScript)`, name, result]));
}
