"""Reports about requests that are refused."""

from __future__ import annotations

import json
import re

from conformance.reference.stages import Reply, Request
from tests.detection.reports.shown import shown

PAGE = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>"
ATTACKS = re.compile(rb"<script|union\s+select|drop\s+table|/etc/passwd|\brm -rf\b|;\s*cat\s", re.IGNORECASE)


def _refuse(request: Request, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
    if request.is_chat:
        request.refuse(status, message, param, code)


@shown("lbjlaq/Antigravity-Manager#2157 thought-signature")
def want_the_signature(request: Request) -> None:
    """A history whose calls lack extra_content.google.thought_signature is refused."""
    for message in request.calling_messages:
        if any("extra_content" not in call for call in message["tool_calls"]):
            said = "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly."
            _refuse(request, 400, said)


@shown("aws-samples/sample-kolya-br-proxy#38 firewall-paths")
def forbid_paths(reply: Reply) -> None:
    """A firewall refuses bodies that hold ../../ with 403 and a page."""
    if b"../../" in reply.request.raw:
        reply.page(403, PAGE)


@shown("agent0ai/agent-zero#990 firewall-core-rules")
def forbid_attacks(reply: Reply) -> None:
    """A firewall refuses bodies that hold SQL, scripts or shell commands."""
    if ATTACKS.search(reply.request.raw):
        reply.page(403, "<html> 403 Forbidden Request blocked. </html>")


@shown("songquanpeng/one-api#2331 unknown-model-503")
def have_no_channel(reply: Reply) -> None:
    """An unknown model is refused with 503: no channel for it."""
    if reply.request.is_chat and reply.status == 404:
        name = reply.request.body.get("model")
        message = f"No available channel for model {name} under group default (distributor)"
        reply.json(
            503, {"error": {"message": message, "type": "new_api_error", "param": None, "code": "model_not_found"}}
        )


@shown("andrewyng/openworker#66 plan-at-the-general-url")
def want_another_base_url(request: Request) -> None:
    """The key of a coding plan at the general base URL: 429 with code 1113."""
    _refuse(request, 429, "Insufficient balance or no resource package. Please recharge.", code="1113")


@shown("infiniflow/ragflow#5912 streams-only")
def stream_only(request: Request) -> None:
    """Without `stream: true` 400."""
    if not request.streams:
        said = "This model only support stream mode, please enable the stream parameter to access the model. "
        _refuse(request, 400, said, code="invalid_parameter_error")


@shown("RooCodeInc/Roo-Code#6979 max-tokens-refused-by-name")
def want_max_completion_tokens(request: Request) -> None:
    """`max_tokens` is refused: use max_completion_tokens."""
    if "max_tokens" in request.body:
        said = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        _refuse(request, 400, said, "max_tokens", "unsupported_parameter")


@shown("ProfSynapse/nexus#116 no-tools-at-all")
def take_no_tools(request: Request) -> None:
    """Any request with tools is refused, with words about their parameters."""
    if request.tools:
        _refuse(request, 400, "Tool parameters must be a JSON object.", code="invalid_parameter")


@shown("Kilo-Org/kilocode#5332 role-tool-refused")
def know_no_role_tool(request: Request) -> None:
    """Messages with the role `tool` are refused."""
    if request.tool_messages:
        _refuse(request, 400, 'messages: Unexpected role "tool". Allowed roles are "user" or "assistant".')


@shown("ray-project/ray#55046 history-500")
def crash_on_history(request: Request) -> None:
    """A history with tool_calls ends in 500."""
    if request.calling_messages:
        _refuse(request, 500, "cannot pickle 'ValidatorIterator' object")


@shown("deepseek-ai/DeepSeek-V3#1376 forced-calls-refused")
def refuse_to_be_forced(request: Request) -> None:
    """`tool_choice` required or named is refused; auto works."""
    if request.body.get("tool_choice") not in (None, "auto", "none"):
        _refuse(request, 400, "Thinking mode does not support this tool_choice")


@shown("cline/cline#12340 no-list-of-models")
def list_no_models(reply: Reply) -> None:
    """GET /models is 404; chat works."""
    if reply.request.method == "GET":
        reply.json(
            404, {"error": {"message": "Not found", "type": "invalid_request_error", "param": None, "code": None}}
        )


@shown("justlovemaki/AIClient2API#223 long-description-500")
def choke_on_a_long_description(request: Request) -> None:
    """A tool whose description is longer than 10,240 characters ends in 500."""
    if any(len(str(function.get("description"))) > 10_240 for function in request.tools):
        _refuse(request, 500, "Improperly formed request.")


@shown("served/context4k small-context")
def have_a_small_context(request: Request) -> None:
    """A request of more than 4,096 tokens is refused as longer than the context."""
    read = len(json.dumps(request.body.get("messages")) + json.dumps(request.body.get("tools"))) // 4
    if read > 4096:
        said = f"request ({read} tokens) exceeds the available context size (4096 tokens), try increasing it"
        _refuse(request, 400, said, code="exceed_context_size_error")


@shown("served/header400 header-missing")
def want_a_header(reply: Reply) -> None:
    """Every chat request lacks a header of the gateway."""
    if reply.request.is_chat:
        said = "Either x-portkey-config or x-portkey-provider header is required"
        reply.json(400, {"status": "failure", "message": said})


@shown("served/json500 bad-bodies-500")
def crash_on_bad_bodies(reply: Reply) -> None:
    """A body that is no JSON, or whose messages are no list, ends in 500."""
    if reply.request.is_chat and not isinstance(reply.request.body.get("messages"), list):
        error = {"message": "Internal Server Error", "type": "server_error", "param": None, "code": None}
        reply.json(500, {"error": error})


WANTED = "tool_choice: Input should be a valid dictionary"


@shown("served/choice422 choice-as-text-refused")
def want_choices_as_objects(request: Request) -> None:
    """`tool_choice` as a text is refused with 422."""
    if isinstance(request.body.get("tool_choice"), str):
        _refuse(request, 422, WANTED, "tool_choice")


@shown("served/choice422n named-choice-taken-for-auto")
def take_names_for_auto(request: Request) -> None:
    """`tool_choice` as a text is refused with 422, and a named function is taken for auto."""
    want_choices_as_objects(request)
    if isinstance(request.body.get("tool_choice"), dict):
        request.body["tool_choice"] = "auto"
