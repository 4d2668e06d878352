// Prints the chat URL that the real openai-node and AI SDK call for every base URL of urls.json; nothing is sent.
//   npm i --no-save openai@5.12.2 @ai-sdk/openai-compatible@2.0.48 && node measure_urls.mjs
import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";

const bases = JSON.parse(readFileSync(new URL("urls.json", import.meta.url))).map((row) => row.base);
const message = { role: "assistant", content: "hello" };
const answer = { id: "x", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message, finish_reason: "stop" }] };

async function called(ask) {
  let url = null;
  const fetch = async (target) => {
    url = new Request(target, { method: "POST" }).url;
    return Response.json(answer);
  };
  await ask(fetch).catch(() => null);
  return url;
}

for (const baseURL of bases) {
  const node = await called((fetch) =>
    new OpenAI({ apiKey: "k", baseURL, fetch, maxRetries: 0 }).chat.completions.create({ model: "m", messages: [] }),
  );
  const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];
  const sdk = await called(async (fetch) =>
    createOpenAICompatible({ name: "p", apiKey: "k", baseURL, fetch }).chatModel("m").doGenerate({ prompt }),
  );
  console.log(JSON.stringify({ base: baseURL, "openai-node": node, "ai-sdk": sdk }));
}
