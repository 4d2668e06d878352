"""Faults of plain completions: the shape of the answer, and what its text must not contain."""

from __future__ import annotations

from conformance.reference.encoding import DONE, event
from conformance.reference.fault import fault
from conformance.reference.sources import COMPLETION, issue
from conformance.reference.stages import Reply, Request
from conformance.reference.turns import PLAIN


def _prefix(reply: Reply, text: str) -> None:
    """Put text in front of the answer, streamed or not."""
    for message in reply.messages:
        if message["content"]:
            message["content"] = text + message["content"]
    for delta in reply.text_deltas[:1]:
        delta["content"] = text + delta["content"]


def _is_plain(request: Request) -> bool:
    """Whether no parameter concerns the wording of the answer: no tools, token limit, format or stop sequence."""
    return not request.body.keys() & {"tools", "max_tokens", "max_completion_tokens", "response_format", "stop"}


@fault("chat-500", caught_by={"chat.accepted", "errors.no-server-error"}, source=issue("mudler/LocalAI", 9133))
def crash_on_bare_requests(request: Request) -> None:
    """A request with only a model and messages gets a server error."""
    if request.body.keys() <= {"model", "messages"} and isinstance(request.body.get("messages"), list):
        request.refuse(500, "The server had an error while processing your request.")


@fault("chat-400", caught_by={"chat.accepted"}, source=issue("eclipse-theia/theia", 17104))
def want_more_than_messages(request: Request) -> None:
    """A request with only a model and messages is refused."""
    if request.body.keys() <= {"model", "messages"}:
        request.refuse(400, "Missing required parameter: 'max_tokens'.", "max_tokens", "missing_required_parameter")


@fault("completion-as-stream", caught_by={"chat.json"} | PLAIN, source=issue("sgl-project/mini-sglang", 51))
def stream_always(reply: Reply) -> None:
    """A completion arrives as a stream although the request did not ask for one."""
    if reply.choices:
        choice = reply.choices[0]
        delta = {"index": 0, "delta": choice["message"], "finish_reason": choice["finish_reason"]}
        chunk = {**reply.body, "object": "chat.completion.chunk", "choices": [delta]}
        reply.raw(200, (event(chunk) + DONE).decode(), "text/event-stream")


@fault("completion-as-text", caught_by={"chat.json"} | PLAIN, source=COMPLETION)
def call_json_text(reply: Reply) -> None:
    """Completions have the Content-Type text/plain."""
    if reply.choices:
        reply.headers["content-type"] = "text/plain; charset=utf-8"


@fault("completion-without-id", caught_by={"chat.shape"}, source=COMPLETION)
def drop_the_id(reply: Reply) -> None:
    """Completions have no `id`."""
    if reply.choices:
        del reply.body["id"]


@fault("completion-object", caught_by={"chat.shape"}, source=issue("huggingface/text-generation-inference", 2089))
def name_the_older_object(reply: Reply) -> None:
    """`object` of a completion is `text_completion`."""
    if reply.choices:
        reply.body["object"] = "text_completion"


@fault(
    "object-plural",
    caught_by={"chat.shape", "stream.object", "client.openai-python-helper"},
    source="https://github.com/ml-explore/mlx-examples/pull/1119",
)
def write_the_plural(reply: Reply) -> None:
    """`object` of answers is `chat.completions`, and of their chunks `chat.completions.chunk`."""
    for part in [reply.body] if reply.choices else reply.streamed:
        part["object"] = part["object"].replace("completion", "completions")


@fault("created-as-text", caught_by={"chat.shape"}, source=COMPLETION)
def write_the_time_as_text(reply: Reply) -> None:
    """`created` of a completion is a date as text instead of a number."""
    if reply.choices:
        reply.body["created"] = "2026-01-01T00:00:00Z"


@fault("choice-without-index", caught_by={"chat.shape"}, source=issue("envoyproxy/ai-gateway", 993))
def drop_the_choice_index(reply: Reply) -> None:
    """The choices of a completion have no `index`."""
    for choice in reply.choices:
        del choice["index"]


@fault("message-without-role", caught_by={"chat.message"}, source=issue("BerriAI/litellm", 24221))
def drop_the_role(reply: Reply) -> None:
    """The message of a completion has no role."""
    for message in reply.messages:
        del message["role"]


@fault("message-content-parts", caught_by={"chat.message"}, source=issue("vercel/ai", 17779))
def answer_in_parts(reply: Reply) -> None:
    """The content of a completion is a list of parts instead of a string."""
    for message in reply.messages:
        if isinstance(message["content"], str):
            message["content"] = [{"type": "text", "text": message["content"]}]


@fault("finish-reason-eos", caught_by={"chat.finish-reason"}, source=issue("openai/openai-dotnet", 267))
def finish_at_eos(reply: Reply) -> None:
    """The finish_reason of a completion is the engine's own name, `eos_token`."""
    for choice in reply.choices:
        if choice["finish_reason"] == "stop":
            choice["finish_reason"] = "eos_token"


@fault("finish-reason-null", caught_by={"chat.finish-reason"}, source=issue("waybarrios/vllm-mlx", 629))
def finish_without_reason(reply: Reply) -> None:
    """The finish_reason of a completion is null when the model stops by itself."""
    for choice in reply.choices:
        if choice["finish_reason"] == "stop":
            choice["finish_reason"] = None


@fault("answer-in-reasoning", caught_by={"chat.answers"}, source=issue("mudler/LocalAI", 10225))
def think_the_answer(reply: Reply) -> None:
    """The whole answer is sent as reasoning, and the content is empty."""
    if _is_plain(reply.request):
        for part in [*reply.messages, *reply.text_deltas]:
            part["reasoning_content"], part["content"] = part["content"], ""


@fault("think-in-content", caught_by={"chat.no-think"}, source=issue("mudler/LocalAI", 9991))
def think_aloud(reply: Reply) -> None:
    """The text contains the reasoning, between think tags."""
    if _is_plain(reply.request):
        _prefix(reply, "<think>The user wants an answer.</think>\n\n")


@fault("think-end-in-content", caught_by={"chat.no-think"}, source=issue("mudler/LocalAI", 10225))
def end_a_thought(reply: Reply) -> None:
    """The text begins with reasoning and its closing think tag; the opening tag was in the prompt."""
    if _is_plain(reply.request):
        _prefix(reply, "The user wants an answer.\n</think>\n\n")


@fault("special-tokens-in-content", caught_by={"chat.no-markup"}, source=issue("NousResearch/hermes-agent", 24534))
def show_special_tokens(reply: Reply) -> None:
    """The text contains special tokens of the chat template."""
    if _is_plain(reply.request):
        _prefix(reply, "<|im_start|>assistant\n")


@fault("closing-tag-in-content", caught_by={"chat.no-markup"}, source=issue("ollama/ollama", 15370))
def show_a_closing_tag(reply: Reply) -> None:
    """The text contains a closing tool-call tag."""
    if _is_plain(reply.request):
        _prefix(reply, "</tool_call>\n")


@fault(
    "invented-call", caught_by={"chat.no-invented-calls"}, source=issue("huggingface/text-generation-inference", 3094)
)
def invent_a_call(reply: Reply) -> None:
    """Without tools the model calls one that it invents."""
    if not reply.request.tools:
        for message in reply.messages:
            function = {"name": "no_tool", "arguments": "{}"}
            message["tool_calls"] = [{"id": "call_0", "type": "function", "function": function}]
