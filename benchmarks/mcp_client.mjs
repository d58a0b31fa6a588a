// The checks of clients.py with the Model Context Protocol's JavaScript client: node mcp_client.mjs AGENTFLOW PROJECT
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [program, project] = process.argv.slice(2);
const client = new Client({ name: "clients.py", version: "1" });
const entry = createRequire(import.meta.url).resolve("@modelcontextprotocol/sdk/client/index.js");
const { version } = JSON.parse(readFileSync(entry.replace(/\bsdk[/\\].*$/, "sdk/package.json")));
const patience = { timeout: 240_000 };

function expect(holds, what) {
  if (!holds) throw new Error(what);
}

async function call(name, given) {
  return client.callTool({ name, arguments: given }, undefined, patience);
}

const checks = {
  async connect() {
    await client.connect(new StdioClientTransport({ command: program, args: ["mcp"], cwd: project }), patience);
    expect(client.getServerVersion().name === "agentflow", "another name");
  },
  async "list tools"() {
    const names = (await client.listTools()).tools.map((tool) => tool.name).sort();
    expect(`${names}` === "list_workflows,research,run_workflow,search", `${names}`);
  },
  async search() {
    const { structuredContent } = await call("search", { query: "run", k: 2 });
    expect(structuredContent.result.length === 2 && structuredContent.result[0].place, "not two passages");
  },
  async "list workflows"() {
    const { structuredContent } = await call("list_workflows", {});
    expect(structuredContent.result.some((one) => one.name === "research"), "no research");
  },
  async "a wrong argument is an error, not the end"() {
    expect((await call("search", { query: 5 })).isError, "not refused");
    expect((await call("search", { query: "run" })).structuredContent, "no answer after it");
  },
  async research() {
    const { structuredContent } = await call("research", { question: "What happens when a run is killed?" });
    expect(structuredContent.output.evidence.length > 0, `${structuredContent.status}`);
  },
};

for (const [name, check] of Object.entries(checks)) {
  const result = await check().then(
    () => "passed",
    (error) => `failed: ${error}`.slice(0, 160),
  );
  console.log(JSON.stringify([`MCP sdk ${version} (JavaScript)`, name, result]));
}
await client.close();
