"""Plain questions, streamed and not."""

from __future__ import annotations

from conformance.probes.conversations.offered import GET_WEATHER, NASTY_TEXT, repeat_request, system, user
from conformance.requirements.conversation import Ask, Depth, conversation

USAGE = {"include_usage": True}
REPEAT = [system("You are a precise assistant."), user(repeat_request(NASTY_TEXT))]


@conversation("stream")
async def stream_bare(ask: Ask) -> None:
    """A streamed question with nothing but messages."""
    await ask.chat(messages=[user("Say hello in one short sentence.")], stream=True)


@conversation("stream", depth=Depth.QUICK, about=("`stream_options`",))
async def chat_stream(ask: Ask) -> None:
    """A streamed question as agents send it: with a system prompt and `stream_options.include_usage`."""
    messages = [system("You are a helpful assistant."), user("Say hello in one short sentence.")]
    await ask.chat(messages=messages, stream=True, stream_options=USAGE)


@conversation("completion", tokens=128, about=("`temperature`",))
async def echo(ask: Ask) -> None:
    """A request to repeat a text with quotes, backslashes, emoji and CJK, at temperature 0."""
    await ask.chat(messages=REPEAT, temperature=0)


@conversation("stream", tokens=128, depth=Depth.QUICK)
async def echo_stream(ask: Ask) -> None:
    """A streamed request to repeat a text with quotes, backslashes, emoji and CJK."""
    await ask.chat(messages=REPEAT, temperature=0, stream=True, stream_options=USAGE)


@conversation("stream", tokens=128, prompt_tokens=400, depth=Depth.THOROUGH)
async def echo_with_tools(ask: Ask) -> None:
    """A streamed request to repeat the same text, with tools offered that it does not need."""
    await ask.chat(messages=REPEAT, temperature=0, tools=[GET_WEATHER], stream=True)


@conversation("stream", depth=Depth.THOROUGH, once=True)
async def logprobs_stream(ask: Ask) -> None:
    """A streamed question with log probabilities."""
    await ask.chat(messages=[user("Say hello in one short sentence.")], logprobs=True, stream=True)


@conversation("stream", tokens=200, timed=True)
async def long_stream(ask: Ask) -> None:
    """A long streamed answer, to judge when its parts arrive; sent alone, at the end."""
    question = "Count from 1 to 40. Write all the numbers, separated by single spaces, and nothing else."
    await ask.chat(messages=[user(question)], stream=True)
