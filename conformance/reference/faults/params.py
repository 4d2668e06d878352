"""Faults of parameters: refused, ignored, or fatal."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import CHAT, issue
from conformance.reference.stages import Actions, Close, Reply, Request
from conformance.reference.turns import TITLE

KNOWN = {
    *("model", "messages", "stream", "stream_options", "temperature", "top_p", "n", "stop", "seed"),
    *("logprobs", "top_logprobs", "reasoning_effort"),
    *("max_tokens", "max_completion_tokens", "tools", "tool_choice", "parallel_tool_calls", "response_format"),
}


def _uses_parts(request: Request) -> bool:
    """Whether a message has content in parts, in a request without tools."""
    parts = (isinstance(message.get("content"), list) for message in request.messages)
    return any(parts) and not request.tools


def _in_json_mode(reply: Reply) -> bool:
    return reply.request.body.get("response_format") == {"type": "json_object"}


@fault("max-tokens-ignored", caught_by={"params.cap-obeyed"}, source=CHAT)
def ignore_max_tokens(request: Request) -> None:
    """`max_tokens` is ignored."""
    request.body.pop("max_tokens", None)


@fault("max-tokens-refused", caught_by={"params.max-tokens"}, source=issue("opencode-ai/opencode", 313))
def refuse_small_caps(request: Request) -> None:
    """`max_tokens` of 16 is refused as too small for a long answer."""
    if request.body.get("max_tokens") == 16 and "100" in str(request.messages):
        request.refuse(400, "max_tokens is too small", "max_tokens")


@fault("max-completion-tokens-refused", caught_by={"params.max-completion-tokens"}, source=CHAT)
def refuse_max_completion_tokens(request: Request) -> None:
    """`max_completion_tokens` is refused."""
    if request.body.get("max_completion_tokens") is not None:
        request.refuse(400, "Unsupported parameter: 'max_completion_tokens'.", "max_completion_tokens")


@fault("max-completion-tokens-ignored", caught_by={"params.cap-obeyed"}, source=CHAT)
def ignore_max_completion_tokens(request: Request) -> None:
    """`max_completion_tokens` is ignored."""
    request.body.pop("max_completion_tokens", None)


@fault("length-called-stop", caught_by={"params.length-reason"}, source=issue("mudler/LocalAI", 10448))
def stop_at_the_cap(reply: Reply) -> None:
    """An answer that its token limit cuts ends with finish_reason `stop`."""
    for choice in [*reply.choices, *reply.streamed_choices]:
        if choice["finish_reason"] == "length":
            choice["finish_reason"] = "stop"


@fault("stream-options-refused", caught_by={"params.stream-options"} | TITLE, source=issue("anomalyco/opencode", 4698))
def refuse_stream_options(request: Request) -> None:
    """`stream_options` is refused when no tools are offered."""
    if request.body.get("stream_options") and not request.tools:
        request.refuse(400, "Unrecognized request argument supplied: stream_options", "stream_options")


@fault("stop-ignored", caught_by={"params.stop"}, source=CHAT)
def ignore_stop(request: Request) -> None:
    """Stop sequences are ignored."""
    request.body.pop("stop", None)


@fault("stop-included", caught_by={"params.stop"}, source=issue("LostRuins/koboldcpp", 1031))
def keep_the_stop_sequence(reply: Reply) -> None:
    """The answer ends with the stop sequence."""
    stop = reply.request.body.get("stop")
    for message in reply.messages:
        if stop:
            message["content"] += stop if isinstance(stop, str) else stop[0]


@fault("text-parts-refused", caught_by={"params.text-parts"}, source=issue("qualcomm/GenieX", 683))
def refuse_text_parts(request: Request) -> None:
    """Content as an array of text parts is refused."""
    if _uses_parts(request):
        request.refuse(400, "messages[0].content: expected a string", "messages")


@fault("developer-role-refused", caught_by={"params.developer-role"}, source=issue("MeetKai/functionary", 141))
def refuse_the_developer(request: Request) -> None:
    """The role `developer` is refused."""
    if any(message.get("role") == "developer" for message in request.messages):
        request.refuse(400, "Unexpected message role: developer", "messages")


@fault("temperature-refused", caught_by={"params.temperature"}, source=CHAT)
def refuse_temperature_zero(request: Request) -> None:
    """`temperature: 0` is refused: it must be above 0."""
    if request.body.get("temperature") == 0 and not request.tools:
        request.refuse(400, "temperature must be strictly positive", "temperature")


@fault(
    "parallel-tool-calls-refused",
    caught_by={"params.parallel-tool-calls", "client.cline-turn"},
    source=issue("pydantic/pydantic-ai", 4935),
)
def refuse_parallel_tool_calls(request: Request) -> None:
    """`parallel_tool_calls: false` is refused."""
    if request.body.get("parallel_tool_calls") is False:
        request.refuse(400, "Unknown parameter: 'parallel_tool_calls'", "parallel_tool_calls")


@fault("unknown-field-refused", caught_by={"params.unknown-field"}, source=CHAT)
def refuse_unknown_fields(request: Request) -> None:
    """An unknown field is refused with a message that does not name it."""
    if request.body.keys() - KNOWN:
        request.refuse(422, "Extra inputs are not permitted")


@fault("nulls-crash", caught_by={"params.nulls", "errors.answered"}, source=issue("LostRuins/koboldcpp", 1503))
def crash_on_nulls(wire: Actions) -> None:
    """A null in an optional field crashes the handler: the connection closes without an answer."""
    if None in wire.request.body.values():
        wire[:] = [Close()]


@fault("nulls-500", caught_by={"params.nulls", "errors.no-server-error"}, source=issue("LostRuins/koboldcpp", 1503))
def fail_on_nulls(request: Request) -> None:
    """A null in an optional field gets a server error."""
    if None in request.body.values():
        request.refuse(500, "TypeError: '<' not supported between instances of 'NoneType' and 'int'")


@fault("json-mode-ignored", caught_by={"params.json-mode"}, source=issue("peonist-ai/halogen-flash-server", 14))
def talk_in_json_mode(reply: Reply) -> None:
    """response_format json_object is ignored: the answer is a sentence."""
    if _in_json_mode(reply):
        for message in reply.messages:
            message["content"] = "The sky is blue on a clear day."


@fault("json-mode-fenced", caught_by={"params.json-mode"}, source=issue("waybarrios/vllm-mlx", 357))
def fence_json(reply: Reply) -> None:
    """The JSON of json mode is inside a Markdown fence."""
    if _in_json_mode(reply):
        for message in reply.messages:
            message["content"] = f"```json\n{message['content']}\n```"
