"""Faults of features that agents rarely use: missing, incomplete, or refused with a message that does not name them."""

from __future__ import annotations

from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import CHAT, COMPLETION, ERRORS, FUNCTIONS, MODEL, MODELS, issue
from conformance.reference.stages import MODELS as MODELS_PATH
from conformance.reference.stages import Actions, Hang, Reply, Request
from conformance.reference.text import text_of

LONG = range(60_000, 150_000)  # characters of a prompt that fits into the window and fills most of it
LONG_RESULT = 40_000  # characters


def _long(request: Request) -> bool:
    return any(len(text_of(message.get("content"))) in LONG for message in request.messages)


@fault("n-ignored", caught_by={"params.n"}, source=issue("abetlen/llama-cpp-python", 1906))
def ignore_n(request: Request) -> None:
    """`n` is ignored: one choice comes instead of two."""
    request.body.pop("n", None)


@fault("n-numbered-alike", caught_by={"params.n"}, source=COMPLETION)
def number_choices_alike(reply: Reply) -> None:
    """All choices of an answer have the index 0."""
    for choice in reply.choices:
        choice["index"] = 0


@fault("logprobs-ignored", caught_by={"params.logprobs-heeded"}, source=issue("theroyallab/tabbyAPI", 430))
def ignore_logprobs(request: Request) -> None:
    """`logprobs` is ignored."""
    request.body.pop("logprobs", None)
    request.body.pop("top_logprobs", None)


@fault("logprobs-with-a-gap", caught_by={"params.logprobs"}, source=COMPLETION)
def lose_a_logprob(reply: Reply) -> None:
    """The log probability of a token in the middle is missing."""
    for choice in reply.choices:
        entries = (choice.get("logprobs") or {}).get("content")
        if entries:
            entries.pop(len(entries) // 2)


@fault("seed-ignored", caught_by={"params.seed"}, source=CHAT)
def ignore_the_seed(reply: Reply) -> None:
    """The same seed gives a different text every time."""
    for message in reply.messages:
        if "seed" in reply.request.body and message.get("content"):
            message["content"] += f" {reply.headers['x-request-id']}"


def _wants_schema(wanted: Any) -> bool:
    return isinstance(wanted, dict) and wanted.get("type") == "json_schema"


@fault("json-schema-as-json-mode", caught_by={"params.json-schema"}, source=issue("ggml-org/llama.cpp", 24097))
def take_a_schema_for_json_mode(request: Request) -> None:
    """response_format json_schema gives any JSON object."""
    if _wants_schema(request.body.get("response_format")):
        request.body["response_format"] = {"type": "json_object"}
        request.messages[-1]["content"] += " Answer in JSON."


@fault("json-schema-ignored", caught_by={"params.json-schema-heeded"}, source=CHAT)
def ignore_the_schema(request: Request) -> None:
    """response_format json_schema is ignored."""
    if _wants_schema(request.body.get("response_format")):
        del request.body["response_format"]


@fault("unset-cap-is-one", caught_by={"params.unset-cap"}, source=CHAT)
def cap_at_one(request: Request) -> None:
    """A token limit of -1 is read as 1."""
    if request.body.get("max_completion_tokens") == -1:
        request.body["max_completion_tokens"] = 1


@fault("unset-cap-refused", caught_by={"params.unset-cap"}, source=CHAT)
def refuse_minus_one(request: Request) -> None:
    """A token limit of -1 is refused with a message that does not name the field."""
    if request.body.get("max_completion_tokens") == -1:
        request.refuse(400, "must be greater than zero")


@fault("efforts-refused", caught_by={"params.reasoning-effort"}, source=issue("nguyenphutrong/quotio", 287))
def refuse_efforts(request: Request) -> None:
    """reasoning_effort can only be low, medium or high. Others are refused with a message that does not name it."""
    if request.body.get("reasoning_effort") in ("none", "minimal", "xhigh", "max"):
        request.refuse(422, "Input should be 'low', 'medium' or 'high'")


@fault("cache-marks-refused", caught_by={"params.cache-marks"}, source=issue("routatic/proxy", 53))
def refuse_cache_marks(request: Request) -> None:
    """`cache_control` on a message is refused."""
    if any("cache_control" in message for message in request.messages):
        request.refuse(400, "messages[0].cache_control: Extra inputs are not permitted", "messages")


@fault("last-part-only", caught_by={"params.parts-read"}, source=issue("qualcomm/GenieX", 683))
def read_the_last_part(request: Request) -> None:
    """Only the last part of a user message in several parts is read."""
    for message in request.messages:
        content = message.get("content")
        if not isinstance(content, list) or message.get("role") != "user" or request.tools:
            continue
        if all(part.get("type") == "text" for part in content):
            message["content"] = content[-1:]


@fault("users-in-a-row-refused", caught_by={"params.users-in-a-row"}, source=issue("anomalyco/opencode", 5034))
def insist_on_turns(request: Request) -> None:
    """The chat template refuses two user messages in a row."""
    if [message.get("role") for message in request.messages] == ["user", "user"]:
        request.refuse(400, "Conversation roles must alternate user/assistant/user/assistant/...", "messages")


@fault("users-in-a-row-lost", caught_by={"params.users-in-a-row"}, source=CHAT)
def read_the_last_user(request: Request) -> None:
    """Only the last of two user messages in a row is read."""
    if [message.get("role") for message in request.messages] == ["user", "user"]:
        del request.body["messages"][0]


@fault("developer-unread", caught_by={"params.developer-read"}, source=issue("MeetKai/functionary", 141))
def skip_the_developer(request: Request) -> None:
    """Messages with the role `developer` are silently skipped."""
    if request.messages:
        request.body["messages"] = [m for m in request.messages if m.get("role") != "developer"]


@fault("system-unread-with-tools", caught_by={"params.system-with-tools"}, source=issue("ollama/ollama-js", 220))
def skip_the_system(request: Request) -> None:
    """System messages are silently skipped when tools are offered, as in templates that show only one of the two."""
    if request.tools:
        request.body["messages"] = [m for m in request.messages if m.get("role") != "system"]


@fault("prompt-cut-in-silence", caught_by={"limits.nothing-forgotten"}, source=issue("ollama/ollama", 4967))
def cut_the_start(request: Request) -> None:
    """The start of a long prompt is silently cut off, although the prompt fits into the window."""
    for message in request.messages:
        if isinstance(message.get("content"), str) and len(message["content"]) in LONG:
            message["content"] = message["content"][-4000:]


@fault("long-results-refused", caught_by={"limits.long-result"}, source=issue("xtekky/gpt4free", 3242))
def refuse_long_results(request: Request) -> None:
    """A tool result of more than forty kilobytes is refused."""
    if any(len(text_of(message.get("content"))) > LONG_RESULT for message in request.tool_messages):
        request.refuse(400, "messages[2].content is too big", "messages")


@fault("long-prompt-silence", caught_by={"limits.long-prompt-alive"}, source=issue("cline/cline", 9328))
def read_in_silence(wire: Actions) -> None:
    """While the model reads a long prompt, the server sends nothing, not even the head of the answer."""
    if _long(wire.request):
        wire[:] = [Hang()]


@fault("models-not-retrieved", caught_by={"models.retrieved"}, source=issue("FlashML-org/FreeToken", 108))
def serve_no_single_model(reply: Reply) -> None:
    """A single model cannot be retrieved by its id: only the list is served."""
    if reply.request.path.startswith(f"{MODELS_PATH}/") and reply.status == 200:
        error = {"message": "Not Found", "type": "invalid_request_error", "param": None, "code": None}
        reply.json(404, {"error": error})


@fault("any-model-retrieved", caught_by={"models.retrieved-unknown"}, source=MODEL)
def retrieve_any_model(request: Request) -> None:
    """A model can be retrieved under any id, even when it does not exist."""
    if request.path.startswith(f"{MODELS_PATH}/"):
        request.path = f"{MODELS_PATH}/{request.right_model}"


@fault("models-in-pages", caught_by={"models.one-page"}, source=MODELS)
def list_models_in_pages(reply: Reply) -> None:
    """The model list is the first of several pages."""
    if reply.request.is_models and reply.status == 200:
        reply.body["has_more"] = True


@fault("error-type-number", caught_by={"errors.type-text"}, source=ERRORS)
def send_types_as_numbers(reply: Reply) -> None:
    """`type` of an error is its status, a number."""
    if isinstance(reply.body, dict) and isinstance(reply.body.get("error"), dict):
        reply.body["error"]["type"] = reply.status


@fault("request-id-missing", caught_by={"errors.request-id"}, source=ERRORS)
def send_no_request_id(reply: Reply) -> None:
    """Answers have no request id."""
    reply.headers.pop("x-request-id", None)


@fault("rate-limit-headers-odd", caught_by={"errors.rate-limit-headers"}, source=ERRORS)
def leave_more_than_allowed(reply: Reply) -> None:
    """The headers say that more requests are left than are allowed."""
    if "x-ratelimit-remaining-requests" in reply.headers:
        reply.headers["x-ratelimit-remaining-requests"] = "501"


@fault("allowed-tools-ignored", caught_by={"tools.allowed-tools"}, source=FUNCTIONS)
def allow_all_tools(request: Request) -> None:
    """tool_choice `allowed_tools` is read as `required`: any tool can be called."""
    choice = request.body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        request.body["tool_choice"] = "required"


@fault("custom-tools-dropped", caught_by={"tools.custom"}, source=FUNCTIONS)
def drop_custom_tools(request: Request) -> None:
    """Custom tools are silently dropped."""
    tools = request.body.get("tools")
    if isinstance(tools, list) and any(tool.get("type") == "custom" for tool in tools):
        del request.body["tools"], request.body["tool_choice"]


@fault("effort-without-calls", caught_by={"tools.with-effort"}, source=issue("RooCodeInc/Roo-Code", 9551))
def lose_calls_after_reasoning(request: Request) -> None:
    """When reasoning_effort is set, the server does not look for tool calls."""
    if request.body.get("reasoning_effort") and request.tools:
        del request.body["tools"], request.body["tool_choice"]


@fault("reused-ids-refused", caught_by={"tools.history-reused-ids"}, source=issue("anomalyco/opencode", 1680))
def refuse_long_ids(request: Request) -> None:
    """Call ids of more than 40 characters are refused."""
    if any(len(str(message.get("tool_call_id"))) > 40 for message in request.tool_messages):
        request.refuse(400, "Invalid 'tool_call_id': string too long.", "messages")


@fault("ids-with-colons", caught_by={"tools.id-letters"}, source=issue("NousResearch/hermes-agent", 24534))
def mint_ids_with_colons(reply: Reply) -> None:
    """Call ids have the form functions.name:0."""
    for call in reply.calls:
        call["id"] = f"functions.{call['function']['name']}:{call['id'].removeprefix('call_')}"


@fault("reasoning-in-another-field", caught_by={"chat.reasoning-field"}, source=issue("RooCodeInc/Roo-Code", 11495))
def reason_elsewhere(reply: Reply) -> None:
    """Reasoning comes in `reasoning`, which some agents do not read."""
    for message in reply.messages:
        message["reasoning"] = "The question is short, so the answer can be."
