// Prints requests.json anew: what the real openai-node and AI SDK send for the prompts in it, to a server of its own here.
//   npm i --no-save openai@5.12.2 zod@4.1.12 ai6@npm:ai@6.0.326 compatible2@npm:@ai-sdk/openai-compatible@2.0.48 \
//     ai7@npm:ai@7.0.173 compatible3@npm:@ai-sdk/openai-compatible@3.0.35 && node measure_requests.mjs
// zod 4.1 writes null as a branch of anyOf everywhere; 4.6 writes a plain type that may be null as an array of types.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import OpenAI from "openai";
import { z } from "zod";
import * as ai6 from "ai6";
import * as ai7 from "ai7";
import { createOpenAICompatible as compatible2 } from "compatible2";
import { createOpenAICompatible as compatible3 } from "compatible3";

const chunk = { id: "x", created: 1, model: "m", choices: [{ index: 0, delta: { content: "hello" }, finish_reason: "stop" }] };
const transport = ["host", "connection", "authorization", "accept-encoding", "content-length"];
let seen = null;
const server = createServer(async (request, response) => {
  let body = "";
  for await (const data of request) body += data;
  const headers = Object.entries(request.headers).filter(([name]) => !transport.includes(name));
  seen = { headers: Object.fromEntries(headers), body: JSON.parse(body) };
  response.setHeader("content-type", "text/event-stream").end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;

function zodOf(schema) {
  const types = [schema.type].flat();
  const kind = types.find((type) => type !== "null");
  let found;
  if (kind === "object") {
    const members = Object.entries(schema.properties).map(([name, member]) => {
      const one = zodOf(member);
      return [name, schema.required.includes(name) ? one : one.optional()];
    });
    found = z.object(Object.fromEntries(members));
  } else if (kind === "array") {
    found = z.array(zodOf(schema.items));
    if (schema.minItems !== undefined) found = found.min(schema.minItems);
    if (schema.maxItems !== undefined) found = found.max(schema.maxItems);
  } else if (schema.enum) found = z.enum(schema.enum.filter((value) => value !== null));
  else found = { string: z.string, number: z.number, integer: z.int, boolean: z.boolean }[kind]();
  if (schema.minimum !== undefined) found = found.min(schema.minimum);
  if (types.includes("null")) found = found.nullable();
  return schema.description === undefined ? found : found.describe(schema.description);
}

function messagesOf(history) {
  const names = {};
  return history.map((said) => {
    if (said.texts) {
      const files = said.images.map((data) => ({ type: "file", mediaType: "image/png", data: data.split(",")[1] }));
      return { role: "user", content: [...said.texts.map((text) => ({ type: "text", text })), ...files] };
    }
    if (said.content !== undefined) {
      const output = { type: "text", value: said.content };
      return { role: "tool", content: [{ type: "tool-result", toolCallId: said.id, toolName: names[said.id], output }] };
    }
    const content = [];
    if (said.reasoning) content.push({ type: "reasoning", text: said.reasoning });
    if (said.text) content.push({ type: "text", text: said.text });
    for (const { id, name, value } of said.calls) {
      names[id] = name;
      content.push({ type: "tool-call", toolCallId: id, toolName: name, input: value });
    }
    return { role: "assistant", content };
  });
}

function toolOf(ai, tool) {
  if (!tool.server) return ai.tool({ description: tool.description, inputSchema: zodOf(tool.parameters) });
  const schema = { properties: {}, ...tool.parameters, type: "object", additionalProperties: false }; // @ai-sdk/mcp
  return ai.dynamicTool({ description: tool.description || undefined, inputSchema: ai.jsonSchema(schema) });
}

async function sent(ai, create, prompt, headers) {
  const tools = Object.fromEntries(prompt.tools.map((tool) => [tool.name, toolOf(ai, tool)]));
  const model = create({ name: "p", apiKey: "k", baseURL, includeUsage: true }).chatModel("m");
  const system = ai === ai7 ? { instructions: prompt.system } : { system: prompt.system };
  const failed = [];
  const messages = messagesOf(prompt.history);
  const result = ai.streamText({ model, ...system, messages, tools, headers, maxRetries: 0, onError: (e) => failed.push(e) });
  await result.consumeStream();
  if (failed.length) throw failed[0].error;
  return seen;
}

async function viaNode() {
  const client = new OpenAI({ apiKey: "k", baseURL, timeout: 600_000, defaultHeaders: { "User-Agent": "RooCode/3.52.1" } });
  for await (const _ of await client.chat.completions.create({ model: "m", messages: [], stream: true }));
  return seen;
}

const { prompts } = JSON.parse(readFileSync(new URL("requests.json", import.meta.url)));
const headers = { "openai-node": (await viaNode()).headers };
for (const prompt of prompts) {
  prompt.sent = (await sent(ai7, compatible3, prompt, {})).body;
  headers["ai-sdk"] = seen.headers;
  const older = (await sent(ai6, compatible2, prompt, { "User-Agent": "Kilo-Code/7.5.11" })).body;
  headers["ai-sdk of kilo-code"] = seen.headers;
  if (JSON.stringify(older) !== JSON.stringify(prompt.sent)) throw new Error(`the versions differ for: ${prompt.case}`);
}
const rows = prompts.map((prompt) => JSON.stringify(prompt)).join(",\n");
console.log(`{"headers": ${JSON.stringify(headers, null, 1)},\n"prompts": [\n${rows}\n]}`);
server.close();
