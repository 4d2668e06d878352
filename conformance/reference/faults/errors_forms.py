"""Faults of the form of errors, and of what follows an error."""

from __future__ import annotations

from conformance.reference.encoding import DONE, event, plain_actions
from conformance.reference.fault import fault
from conformance.reference.sources import commit, issue
from conformance.reference.stages import Actions, Close, Frames, Hang, Pace, Reply
from conformance.reference.text import dump
from conformance.reference.turns import AI_SDK, PYTHON


def _is_capped(reply: Reply) -> bool:
    """Whether this is a completion with a low token limit; a run has few of them."""
    return bool(reply.choices) and reply.request.body.get("max_tokens") == 16


@fault(
    "errors-code-beside-string",
    caught_by={"errors.envelope", "url.unknown-path-explained"},
    source=issue("vercel/ai", 18307),
)
def send_strings_beside_codes(reply: Reply) -> None:
    """Errors of the router come as {"code": text, "error": text}."""
    if reply.status == 404 and not reply.request.is_chat:
        said = reply.body["error"]["message"]
        reply.json(reply.status, {"code": "The request is invalid", "error": said})


@fault("errors-in-errors", caught_by={"errors.words"}, source=issue("caozhiyuan/copilot-api", 188))
def wrap_errors(reply: Reply) -> None:
    """The message of an error is another error as JSON: seen with tools, but wrong in any error."""
    if reply.status == 400:
        reply.json(400, {"error": {"message": dump(reply.body) + "\n", "type": "error"}})


@fault("completion-in-member", caught_by={"errors.not-in-200"}, source=issue("pydantic/pydantic-ai", 4528))
def wrap_the_completion(reply: Reply) -> None:
    """The real completion is inside a member of another one, whose own members are null."""
    if _is_capped(reply):
        reply.body = {**dict.fromkeys(reply.body), "provider": reply.body}


@fault("flat-error-in-200", caught_by={"errors.not-in-200"}, source=issue("vercel/ai", 11671))
def fail_flat_with_success(reply: Reply) -> None:
    """A failure is reported with status 200 and a flat body."""
    if _is_capped(reply):
        said = {"code": "The service is currently unavailable", "error": "Timed out waiting for first token"}
        reply.json(200, said)


@fault(
    "template-error-in-stream",
    caught_by={
        "stream.no-error",
        "tools.continues",
        "client.cline-turn",
        "client.kilo-code-legacy-turn",
        "client.roo-code-cached",
        "client.roo-code-r1",
        "client.roo-code-turn",
    }
    | AI_SDK
    | PYTHON,
    source=issue("sterlp/eclipse-peon-ai", 75),
)
def fail_in_the_template(frames: Frames) -> None:
    """A history with tool results fails in the chat template: 200, one event with an error, then [DONE]."""
    if frames.request.tool_messages:
        said = {"code": "server_error", "message": "rpc error: Jinja Exception: unexpected role", "type": ""}
        frames[:] = [event({"error": said}), DONE]


@fault("broken-text-dropped", caught_by={"errors.broken-text"}, source=issue("ggml-org/llama.cpp", 9195))
def crash_on_broken_text(wire: Actions) -> None:
    """A prompt that is not UTF-8 crashes the error handler: the connection closes without an answer."""
    try:
        wire.request.raw.decode()
    except UnicodeDecodeError:
        wire[:] = [Close()]


@fault("overflow-in-stream", caught_by={"stream.no-error"}, source=commit("theroyallab/tabbyAPI", "671c12d"))
def refuse_overflow_in_the_stream(reply: Reply) -> None:
    """A prompt beyond the context window is refused inside a stream that began with 200."""
    if reply.status == 400 and reply.request.streams and "maximum context" in dump(reply.body):
        reply.status, reply.chunks, reply.body = 200, [reply.body], None
        reply.headers["content-type"] = "text/event-stream"


@fault(
    "failed-once-then-silent",
    caught_by={"errors.again", "errors.no-server-error", "params.text-parts"},
    source=issue("ollama/ollama", 17883),
)
def keep_the_slot_of_a_failure(wire: Actions) -> None:
    """An instruction in parts gets a 500, and a retry, as SDKs send it, never gets an answer."""
    system = next(iter(wire.request.messages), {})
    if isinstance(system.get("content"), list) and system["role"] == "system" and not wire.request.tools:
        wire.reply.json(500, {"error": {"message": "error parsing template", "type": "server_error"}})
        again = wire.request.headers.get("x-stainless-retry-count", "0") != "0"
        wire[:] = [Hang()] if again else plain_actions(wire.reply, Pace())
