"""Parameters of the specification that agents rarely send: judged by their effect, or refused by name.

Each is asked once: a server treats a parameter the same way every time.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from conformance.evidence.kinds import as_reply
from conformance.probes.conversations import offered
from conformance.probes.conversations.models import NO_SUCH_MODEL
from conformance.probes.conversations.needle import ANSWER, FACT, QUESTION
from conformance.probes.conversations.offered import GET_WEATHER, READ_FILE, result, system, user
from conformance.probes.conversations.tools import READ
from conformance.requirements.conversation import ANYTHING, Ask, Depth, conversation

HELLO = [user("Say hello in one short sentence.")]
EFFORTS = ("none", "minimal", "medium", "xhigh", "max")
CITY = offered.schema(
    {
        "city": offered.TEXT,
        "inhabitants": {"type": "integer"},
        "continent": {"type": "string", "enum": ["africa", "america", "asia", "europe", "oceania"]},
    }
)
ONLY_READ_FILE = {
    "type": "allowed_tools",
    "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "read_file"}}]},
}
CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "run_shell", "description": "Run a command in a shell."}}
LONG_ID = "call_" + "conformance1" * 4  # 53 characters: some servers make such ids, some databases store only 40


@conversation("response", depth=Depth.THOROUGH, tokens=128, once=True)
async def two_choices(ask: Ask) -> None:
    """Two answers in one: `n: 2`."""
    await ask.chat(messages=HELLO, n=2)


@conversation("response", depth=Depth.THOROUGH, once=True)
async def logprobs(ask: Ask) -> None:
    """`logprobs` with two alternatives for each token."""
    await ask.chat(messages=HELLO, logprobs=True, top_logprobs=2)


@conversation("response", depth=Depth.THOROUGH, requests=2, tokens=128, once=True)
async def same_seed(ask: Ask) -> None:
    """The same question twice with the same seed, at temperature 0."""
    for _ in range(2):
        await ask.chat(messages=[user("Write one sentence about the sea.")], seed=7, temperature=0)


@conversation("response", depth=Depth.THOROUGH, tokens=128, once=True)
async def json_schema(ask: Ask) -> None:
    """An answer that must follow a schema: `response_format` json_schema, strict."""
    wanted = {"name": "city", "strict": True, "schema": CITY}
    await ask.chat(
        messages=[user("Tell me about the capital of France.")],
        response_format={"type": "json_schema", "json_schema": wanted},
    )


@conversation("response", depth=Depth.THOROUGH, once=True, about=("`max_completion_tokens`",))
async def unset_cap(ask: Ask) -> None:
    """`max_completion_tokens: -1`, which Roo Code sends for a limit without a number."""
    await ask.chat(messages=HELLO, max_completion_tokens=-1)


@conversation("response", depth=Depth.THOROUGH, requests=len(EFFORTS), tokens=256 * len(EFFORTS), once=True)
async def efforts(ask: Ask) -> None:
    """A short question with each `reasoning_effort` that clients offer and servers rarely know."""
    for effort in EFFORTS:
        await ask.chat(messages=HELLO, reasoning_effort=effort)


@conversation(ANYTHING, depth=Depth.THOROUGH, tokens=256, once=True)
async def call_with_effort(ask: Ask) -> None:
    """A streamed, forced tool call with `reasoning_effort: medium`."""
    await ask.chat(
        messages=READ, tools=[READ_FILE, GET_WEATHER], tool_choice="required", reasoning_effort="medium", stream=True
    )


@conversation(ANYTHING, depth=Depth.THOROUGH, tokens=128, once=True, about=("`tool_choice`",))
async def allowed_tools(ask: Ask) -> None:
    """`tool_choice: allowed_tools` with one of two tools, while the question suits the other."""
    question = "What is the weather in Paris right now?"
    await ask.chat(messages=[user(question)], tools=[GET_WEATHER, READ_FILE], tool_choice=ONLY_READ_FILE)


@conversation("response", depth=Depth.THOROUGH, once=True)
async def custom_tool(ask: Ask) -> None:
    """A custom tool, whose input is free text instead of JSON, as the only tool."""
    asked = user("Call the tool run_shell with the input: ls")
    await ask.chat(messages=[asked], tools=[CUSTOM], tool_choice="required")


@conversation("completion", depth=Depth.THOROUGH, once=True)
async def cache_marks(ask: Ask) -> None:
    """`cache_control` on messages, as Kilo Code sends it for models named claude."""
    mark = {"cache_control": {"type": "ephemeral"}}
    messages = [message | mark for message in (system("You are helpful."), *HELLO)]
    await ask.chat(messages=messages, stream=False)


@conversation("completion", depth=Depth.THOROUGH, prompt_tokens=300, once=True)
async def reused_ids(ask: Ask) -> None:
    """A history with the same call id of 53 characters in two turns."""
    turn = [offered.called(LONG_ID, "read_file", '{"path":"a.py","limit":9}'), result(LONG_ID, "1 | pass")]
    again = user("Read it once more.")
    messages = [user("Read the file a.py."), *turn, {"role": "assistant", "content": "It does nothing."}, again, *turn]
    await ask.chat(messages=messages, tools=[READ_FILE])


@conversation("completion", depth=Depth.THOROUGH, requests=2, tokens=256, once=True)
async def swapped_results(ask: Ask) -> None:
    """A failed tool call, then two calls at once whose results come in reverse order."""
    failed = [offered.called("call_1", "read_file", '{"path":"a.py","limit":9}')]
    failed.append(result("call_1", "Error: ENOENT: no such file or directory"))
    both = offered.called("call_2", "read_file", '{"path":"b.py","limit":9}')
    both["tool_calls"] += offered.called("call_3", "read_file", '{"path":"c.py","limit":9}')["tool_calls"]
    results = [result("call_3", "1 | pass"), result("call_2", f"1 | # {FACT}")]
    asked = user(f"Read a.py, b.py and c.py. {QUESTION}")
    await _known(ask, asked, *failed, both, *results, tools=[READ_FILE])


async def _known(ask: Ask, *messages: dict[str, Any], **fields: Any) -> None:
    """Asks for the fact; if the answer lacks it, asks a plain question too, to tell server and model apart."""
    reply = as_reply(await ask.chat(messages=list(messages), stream=False, **fields))
    if reply and ANSWER not in reply.text:
        await ask.chat(messages=[user(f"{FACT} {QUESTION}")], stream=False)


@conversation("completion", depth=Depth.THOROUGH, requests=2, tokens=256, once=True)
async def fact_in_parts(ask: Ask) -> None:
    """A fact in one part of a message, and the question about it in the next part."""
    await _known(ask, user([{"type": "text", "text": FACT}, {"type": "text", "text": QUESTION}]))


@conversation("completion", depth=Depth.THOROUGH, requests=2, tokens=256, once=True)
async def fact_before(ask: Ask) -> None:
    """A fact in one user message, and the question about it in the next user message."""
    await _known(ask, user(FACT), user(QUESTION))


@conversation("completion", depth=Depth.THOROUGH, requests=2, tokens=256, once=True)
async def fact_of_developer(ask: Ask) -> None:
    """A fact in a developer message, and the user's question about it."""
    await _known(ask, {"role": "developer", "content": FACT}, user(QUESTION))


@conversation("completion", depth=Depth.THOROUGH, requests=2, tokens=256, once=True)
async def fact_of_system(ask: Ask) -> None:
    """A fact in the system message and the user's question about it, with a tool offered that it does not need."""
    await _known(ask, system(FACT), user(QUESTION), tools=[READ_FILE])


@conversation("response", depth=Depth.THOROUGH, requests=2, once=True)
async def models_one_by_one(ask: Ask) -> None:
    """GET of the configured model, and of one that does not exist."""
    if ask.endpoint.models_url:
        for model in (ask.endpoint.model, NO_SUCH_MODEL):
            await ask.get(ask.endpoint.url(f"/models/{quote(model, safe='')}"))
