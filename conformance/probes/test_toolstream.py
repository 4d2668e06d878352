"""Streamed tool calls: where they come, what their fragments are, and whether their arguments arrive complete."""

from __future__ import annotations

from conformance.clients import AI_SDK, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.arrival import arrival_of
from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Ended, shown
from conformance.evidence.kinds import as_reply, as_stream
from conformance.probes.conversations.offered import dictated
from conformance.probes.damage import damage
from conformance.probes.parsers import settings
from conformance.probes.printed import said_instead
from conformance.probes.readable import readable, tool_deltas
from conformance.probes.sources import (
    AI_SDK_CHAT,
    OPENAI_CHUNK,
    PYTHON_ACCUMULATOR,
    ROO_PARSER,
    ROO_PROVIDER,
    ROO_TOOLS,
    issue,
)
from conformance.requirements import (
    BREAKS,
    DEGRADES,
    HARMLESS,
    TOOL_CALLING_ERRORS,
    UNEXPECTED_RESULTS,
    Blame,
    Blocked,
    everyone,
)
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "toolstream.native",
    failure="A streamed request that forces a tool call gets no native call.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 12165), issue("vllm-project/vllm", 21544)],
    remedy=(
        "Stream calls as delta.tool_calls. Turn on the server's tool-call parser for the model's family "
        f"({settings()})."
    ),
)
def test_a_forced_call_is_streamed_natively(forced_call_stream: Talk) -> None:
    """A call that is forced in a streamed request arrives as native tool_calls.

    The agents know no other protocol: they do not run a call that is printed as text.
    """
    exchange = forced_call_stream.answered
    assert exchange.ok, exchange.summary
    reply = as_reply(exchange)
    if reply is None or (exchange.ended is not Ended.COMPLETE and not reply.calls):
        raise Blocked(f"the stream is incomplete: {exchange.detail}")
    assert reply.calls, f"no native tool call; {said_instead(readable(reply))}"


@probe(
    "toolstream.list",
    failure="`delta.tool_calls` is not a list of objects.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHUNK, issue("huggingface/text-generation-inference", 3075), issue("xorbitsai/inference", 2416)],
    remedy="Send delta.tool_calls as a list of objects.",
)
def test_tool_calls_are_a_list(tool_stream: Stream) -> None:
    """`delta.tool_calls` is a list of objects, or null.

    Clients go through the list entry by entry and lose a call that comes in another form.
    """
    for delta in tool_stream.deltas:
        raw = delta.value.get("tool_calls")
        assert raw is None or isinstance(raw, list), f"tool_calls is {shown(raw)}"
        stray = [entry for entry in raw or [] if not isinstance(entry, dict)]
        assert not stray, f"tool_calls contains {shown(stray[0])}"


@probe(
    "toolstream.function",
    failure="A tool-call delta has no `function` object.",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: BREAKS, AI_SDK: BREAKS, OPENAI_PYTHON: DEGRADES},
    source=[AI_SDK_CHAT, PYTHON_ACCUMULATOR],
    remedy="Send a `function` object with every tool-call delta.",
)
def test_every_delta_has_a_function(tool_stream: Stream) -> None:
    """Every tool-call delta has a `function` object.

    The AI SDK's schema requires it in every delta and ends the turn without it.
    """
    for delta in tool_deltas(tool_stream):
        function = delta.get("function")
        assert isinstance(function, dict), f"delta {delta.n} has function {function!r}"


@probe(
    "toolstream.arguments-text",
    failure="The arguments in a tool-call delta are not a string.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, AI_SDK_CHAT, issue("BerriAI/litellm", 37792)],
    remedy="Send arguments as a string, a piece of JSON in every delta, never as an object.",
)
def test_argument_fragments_are_strings(tool_stream: Stream) -> None:
    """The arguments in every tool-call delta are a string, null or absent.

    Clients join the fragments as strings and cannot join an object.
    """
    for delta in tool_deltas(tool_stream):
        arguments = delta.function.get("arguments")
        assert arguments is None or isinstance(arguments, str), f"arguments are {shown(arguments)}"


@probe(
    "toolstream.after-finish",
    failure="A tool-call delta comes after the finish_reason.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES) | {ROO_CODE: HARMLESS, KILO_CODE_LEGACY: HARMLESS},
    source=[OPENAI_CHUNK, issue("BerriAI/litellm", 31634)],
    remedy="Send finish_reason after the last fragment of the last call.",
)
def test_nothing_follows_the_finish_reason(tool_stream: Stream) -> None:
    """No tool-call delta comes after the finish_reason.

    Clients that act on the finish_reason run a call whose arguments are incomplete.
    """
    late = next((delta for delta in tool_stream.tool_deltas if delta.after_finish), None)
    assert late is None, f"after finish_reason: {shown(late.value if late else '')}"


@probe(
    "toolstream.no-legacy",
    failure="Tool calls come as `function_call`, or in a second choice.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, OPENAI_CHUNK],
    remedy="Stream calls as delta.tool_calls in choices[0], not as function_call and not in another choice.",
)
def test_calls_come_where_clients_look(stream: Stream) -> None:
    """Calls come as `tool_calls` of the first choice, not as the older `function_call` or in a second choice.

    The agents read nothing else.
    """
    if stream.exchange.request.field("functions"):
        return  # a request in the older form gets an answer in that form
    found = (d.value.get("function_call") for d in stream.deltas)
    legacy = next((one for one in found if one and one != {"arguments": ""}), None)  # clients ignore an empty one
    assert legacy is None, f"function_call: {shown(legacy)}"
    for choice in stream.other_choices:
        delta = choice.get("delta")
        elsewhere = isinstance(delta, dict) and delta.get("tool_calls")
        assert not elsewhere, f"a call in choices[1]: {shown(choice)}"


@probe(
    "toolstream.same-as-completion",
    failure="A forced request gets other tool calls when it is streamed.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("mudler/LocalAI", 10638), issue("lmstudio-ai/lmstudio-bug-tracker", 723)],
    remedy="Make the streaming tool-call parser find the same calls as the other one. Until then, turn streaming off.",
)
def test_both_modes_make_the_same_calls(forced_call: Talk, forced_call_stream: Talk) -> None:
    """A forced request gets the same tool calls, streamed or not.

    Agents stream, so they lose a call that only the plain answer contains. Users who turn streaming off lose a call
    that only the stream contains.
    """
    plain, streamed = _calls_of(forced_call), _calls_of(forced_call_stream)
    if not plain and not streamed:
        raise Blocked("no call in either mode")
    if not plain:
        raise Blocked("the answer that is not streamed has no call to compare with")
    assert len(plain) == len(streamed), f"not streamed: {plain}; streamed: {streamed or 'no call'}"


def _calls_of(talk: Talk) -> list[str]:
    reply: Reply | None = as_reply(talk.answered)
    if reply is None:
        raise Blocked(talk.answered.summary)
    if reply.exchange.ended is not Ended.COMPLETE and not (reply.exchange.ended is Ended.TIMED_OUT and reply.calls):
        raise Blocked(f"an answer is incomplete: {reply.exchange.detail}")
    if isinstance(reply, Stream) and any(not isinstance(d.value, dict) for d in reply.tool_deltas):
        raise Blocked("the tool calls of the stream are not objects")
    return [str(call.name) for call in readable(reply).calls]


@probe(
    "toolstream.parallel-both-modes",
    failure="Two tool calls in one answer arrive streamed or not streamed, but not both.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("lmstudio-ai/lmstudio-bug-tracker", 723), issue("sgl-project/sglang", 23071)],
    remedy="Stream every call of an answer under its own index and id.",
)
def test_parallel_calls_survive_streaming(parallel: Talk, parallel_stream: Talk) -> None:
    """Two calls in one answer arrive both streamed and not streamed, if they arrive in one of the two.

    Clients lose the calls in the other mode.
    """
    plain, streamed = _calls_of(parallel), _calls_of(parallel_stream)
    if len(plain) < 2 and len(streamed) < 2:
        raise Blocked("the model did not make two calls in one answer", Blame.MODEL)
    if not plain:
        raise Blocked("the answer that is not streamed has no call to compare with")
    both = len(plain) >= 2 and len(streamed) >= 2
    assert both, f"not streamed: {plain or 'no call'}; streamed: {streamed or 'no call'}"


@probe(
    "toolstream.long-arguments",
    failure="A long argument arrives cut or damaged.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_PARSER, issue("ollama/ollama", 16937), issue("anomalyco/opencode", 13515)],
    remedy="Parse arguments as JSON text with strings in it, not by counting braces or searching for tags.",
)
def test_a_page_of_code_arrives_intact(long_arguments: Talk) -> None:
    """A long argument arrives complete: a page of code with quotes, braces, tags, tabs and emoji.

    Agents write it into the user's files.
    """
    content, wanted = _written(long_arguments), _dictated(long_arguments)
    cut = content.strip() and content.strip() != wanted.strip() and wanted.startswith(content.rstrip())
    assert not cut, f"{len(content)} of {len(wanted)} characters, ending {content[-40:]!r}"
    assert not (seen := damage(content, wanted)), seen
    if content.strip() != wanted.strip():
        raise Blocked("the model wrote another text than the prompt dictates", Blame.MODEL)


def _dictated(talk: Talk) -> str:
    """What the call was to write; a recording of an earlier version dictates a longer text."""
    return str(dictated(talk.answered.request).get("content"))


def _written(talk: Talk) -> str:
    """What the call writes into the file; raises Blocked when there is no such text."""
    reply = as_reply(talk.answered)
    if reply is None or not reply.calls:
        ok = talk.answered.ok
        raise Blocked(f"no tool call to judge: {talk.answered.summary}", Blame.MODEL if ok else Blame.PROVIDER)
    parsed = reply.calls[0].parsed
    content = parsed.get("content") if isinstance(parsed, dict) else None
    if not isinstance(content, str):
        raise Blocked("the arguments of the call cannot be read")
    return content


@probe(
    "toolstream.last-newline",
    failure="The newline at the end of a written file is lost.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[ROO_PARSER, issue("vllm-project/vllm", 29562)],
    remedy="Do not strip arguments. Some models leave the newline out themselves: compare with another server.",
)
def test_the_last_newline_arrives(long_arguments: Talk) -> None:
    """The newline at the end of a written file arrives.

    Without it, every file that the agent writes shows one more changed line.
    """
    content, wanted = _written(long_arguments), _dictated(long_arguments)
    if content.rstrip("\n") != wanted.rstrip("\n"):
        raise Blocked("the text did not arrive complete", Blame.MODEL)
    assert content == wanted, f"the text ends {content[-20:]!r}, not {wanted[-20:]!r}"


@probe(
    "toolstream.incremental",
    failure="The arguments of a long tool call arrive all at once at the end.",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=[ROO_TOOLS, OPENAI_CHUNK, issue("airblackbox/airblackbox", 9)],
    remedy="Send every fragment of the arguments as soon as the model has written it. Turn off buffering in proxies.",
)
def test_long_arguments_arrive_bit_by_bit(long_arguments: Talk) -> None:
    """The arguments of a long call arrive as the model writes them, not all at once at the end.

    The agents show a file while the model writes it. Otherwise the call still works, but the user waits in front of a
    still screen.
    """
    stream = as_stream(long_arguments.answered)
    arrival = arrival_of(stream) if stream else None
    if stream is None or arrival is None or arrival.characters < len(_dictated(long_arguments)) // 4:
        raise Blocked("no long tool call to judge", Blame.MODEL if long_arguments.answered.ok else Blame.PROVIDER)
    at_once = arrival.bursts <= 2 or (arrival.waited > 0.5 and arrival.took < arrival.waited / 50)
    assert not at_once, (
        f"nothing for {arrival.waited:.2f} s, then {arrival.characters} characters of arguments in {arrival.bursts} bursts"
    )
