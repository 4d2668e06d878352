// What the real openai-node and AI SDK make of the answers of a server, one line of JSON for each request.
//   node measure.mjs '{"openai-node": "FOLDER", "ai-sdk-2": "FOLDER", "ai-sdk-3": "FOLDER"}'
// reads {"number", "sdk", "base_url", "key", "body"} from standard input, all at once if need be; a body of null asks for
// the model list. Every SDK sends the very same body, tries once, and waits 1.5 s for a byte.
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const SILENCE = 1500; // milliseconds; undici, which is below both SDKs, waits 300 s by default
const TOTAL = 8000; // for one request, so that an endless answer ends

const installed = JSON.parse(process.argv[2]);
const load = (sdk, file) => import(pathToFileURL(join(installed[sdk], file)));
const { OpenAI } = await load("openai-node", "openai/index.mjs");
const makers = {
  "ai-sdk-2": (await load("ai-sdk-2", "@ai-sdk/openai-compatible/dist/index.mjs")).createOpenAICompatible,
  "ai-sdk-3": (await load("ai-sdk-3", "@ai-sdk/openai-compatible/dist/index.js")).createOpenAICompatible,
};

const { default: axios } = await load("axios", "axios/index.js");

await fetch("data:,").catch(() => {}); // makes Node create the dispatcher whose class is wanted here
const Agent = globalThis[Symbol.for("undici.globalDispatcher.1")].constructor;

// The request of any SDK, with the body that all of them are to send, on a connection of its own.
const sending = (body) => (url, init) => {
  const exact = body === null ? {} : { body: JSON.stringify(body) };
  const dispatcher = new Agent({ headersTimeout: SILENCE, bodyTimeout: SILENCE });
  return fetch(url, { ...init, ...exact, dispatcher });
};

const failed = (error) => ({
  name: error?.constructor?.name ?? typeof error,
  message: messageOf(error),
  status: error?.status ?? error?.statusCode ?? null,
});

function messageOf(error) {
  if (typeof error === "string") return error;
  return typeof error?.message === "string" ? error.message : JSON.stringify(error);
}

async function openaiNode({ base_url, key, body }) {
  const client = new OpenAI({ apiKey: key, baseURL: base_url, maxRetries: 0, logLevel: "off", fetch: sending(body) });
  const seen = body.stream ? { chunks: [], error: null } : { value: null, error: null };
  try {
    if (!body.stream) seen.value = (await client.chat.completions.create(body)) ?? null;
    else for await (const chunk of await client.chat.completions.create(body)) seen.chunks.push(chunk);
  } catch (error) {
    seen.error = failed(error);
  }
  return seen;
}

// As Roo Code does: whatever goes wrong, there are no models. Those that are no text cannot be chosen.
async function models({ base_url, key }) {
  try {
    const headers = { Authorization: `Bearer ${key}` };
    const answer = await axios.get(`${base_url}/models`, { headers, timeout: SILENCE });
    const ids = answer.data?.data?.map((model) => model.id) ?? [];
    return [...new Set(ids)].filter((id) => typeof id === "string" && id);
  } catch {
    return [];
  }
}

async function aiSdk({ sdk, base_url, key, body }) {
  const provider = makers[sdk]({ name: "p", apiKey: key, baseURL: base_url, includeUsage: true, fetch: sending(body) });
  const model = provider.chatModel(body.model);
  const options = { prompt: [{ role: "user", content: [{ type: "text", text: "-" }] }], tools: functionTools(body) };
  const seen = { text: "", reasoning: "", calls: [], finish: null, usage: null, errors: [], thrown: null };
  try {
    if (body.stream) for await (const part of (await model.doStream(options)).stream) take(seen, part);
    else takeAll(seen, await model.doGenerate(options));
  } catch (error) {
    seen.thrown = failed(error);
    seen.errors.push(seen.thrown.message);
  }
  return seen;
}

const functionTools = (body) =>
  body.tools?.map(({ function: tool }) => ({ type: "function", name: tool.name, inputSchema: tool.parameters ?? {} }));

function take(seen, part) {
  if (part.type === "text-delta") seen.text += part.delta;
  if (part.type === "reasoning-delta") seen.reasoning += part.delta;
  if (part.type === "tool-call") seen.calls.push([part.toolCallId, part.toolName, part.input]);
  if (part.type === "error") seen.errors.push(messageOf(part.error));
  if (part.type === "finish") ended(seen, part);
}

function takeAll(seen, { content, ...rest }) {
  for (const part of content) {
    if (part.type === "text") seen.text += part.text;
    if (part.type === "reasoning") seen.reasoning += part.text;
    if (part.type === "tool-call") seen.calls.push([part.toolCallId, part.toolName, part.input]);
  }
  ended(seen, rest);
}

function ended(seen, { finishReason, usage }) {
  seen.finish = finishReason?.unified ?? finishReason;
  seen.usage = {
    prompt: usage.inputTokens?.total ?? null,
    cached: usage.inputTokens?.cacheRead ?? null,
    completion: usage.outputTokens?.total ?? null,
    reasoning: usage.outputTokens?.reasoning ?? null,
  };
}

const late = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds, { endless: true }).unref());

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const measure = { "openai-node": openaiNode, axios: models }[asked.sdk] ?? aiSdk;
  Promise.race([measure(asked), late(TOTAL)]).then((result) =>
    process.stdout.write(JSON.stringify({ number: asked.number, result }) + "\n"),
  );
}
