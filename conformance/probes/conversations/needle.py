"""Long prompts with a fact at one end and a question about it: if the prompt is cut, the answer lacks the fact."""

from __future__ import annotations

import json

from conformance.probes.conversations import offered
from conformance.probes.conversations.chat import USAGE
from conformance.probes.conversations.offered import user
from conformance.requirements.conversation import WELL_FILLED, Ask, Depth, conversation

FACT, QUESTION, ANSWER = "The build number is 48213.", "What is the build number?", "48213"
LONG_RESULT = 50_000  # characters: a file of a thousand lines


@conversation("stream", depth=Depth.THOROUGH, needs="context_window", tokens=256, fills=WELL_FILLED, once=True)
async def needle(ask: Ask) -> None:
    """A long prompt (three fifths of the context window) with a number at its start and the question at its end."""
    words = int((ask.endpoint.context_window or 0) * WELL_FILLED)  # one token each with every common tokenizer
    prompt = f"{FACT} {'ready ' * words}\n{QUESTION}"
    await ask.chat(messages=[user(prompt)], stream=True, stream_options=USAGE)


def long_result() -> str:
    """Fifty kilobytes of JSON with the fact as the last member."""
    line = "lighthouse.keeper: the lamp was lit, the shutter opened and the link to the shore checked"
    lines = [f"{n:04} {line}" for n in range(LONG_RESULT // (len(line) + 10))]
    return json.dumps({"log": lines, "note": FACT})


@conversation("completion", depth=Depth.THOROUGH, prompt_tokens=20_000, tokens=256, once=True)
async def long_tool_result(ask: Ask) -> None:
    """A tool result of 50 kilobytes of JSON, with the number that the user asks for at its end."""
    asked = user(f"Read the file lamp.log. {QUESTION}")
    call = offered.called("call_conformance1", "read_file", '{"path":"lamp.log","limit":500}')
    found = offered.result("call_conformance1", long_result())
    await ask.chat(messages=[asked, call, found], tools=[offered.READ_FILE])
