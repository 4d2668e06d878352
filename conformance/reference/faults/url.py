"""Faults of the address: what answers when a base URL is slightly wrong."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import HTTP, HTTP_FRAMING, issue
from conformance.reference.stages import CHAT, Actions, Close, Reply, Request, Send

PAGE = "<!DOCTYPE html><html><head><title>Console</title></head><body><div id='app'></div></body></html>"


@fault("not-http", caught_by={"url.reachable"}, source=HTTP_FRAMING)
def speak_another_protocol(wire: Actions) -> None:
    """The server on the port does not speak HTTP."""
    wire[:] = [Send(b"SSH-2.0-OpenSSH_9.2p1\r\n"), Close()]


@fault("no-answer", caught_by={"url.reachable"}, source=issue("ml-explore/mlx-lm", 592))
def drop_chat_requests(wire: Actions) -> None:
    """Chat requests get no answer: the connection closes."""
    if wire.request.is_chat:
        wire[:] = [Close()]


@fault("redirect-301", caught_by={"url.not-redirected"}, source=issue("ferro-labs/ai-gateway", 243))
def move_chat(reply: Reply) -> None:
    """Chat requests are redirected with 301, which turns a POST into a GET."""
    if reply.request.is_chat:
        reply.raw(301, "", "text/plain")
        reply.headers["location"] = "https://api.invalid/v1/chat/completions"


@fault("redirect-307", caught_by={"url.not-redirected"}, source=HTTP)
def move_chat_with_its_body(reply: Reply) -> None:
    """Chat requests are redirected with 307, to the same path with a slash."""
    if reply.request.is_chat:
        reply.raw(307, "", "text/plain")
        reply.headers["location"] = CHAT + "/"


@fault("web-page", caught_by={"url.serves-api"}, source=issue("lmstudio-ai/lmstudio-bug-tracker", 619))
def serve_a_web_page(reply: Reply) -> None:
    """A web application answers every path with its own page and status 200."""
    reply.page(200, PAGE)


@fault("chat-404-empty", caught_by={"url.serves-api"}, source=issue("cline/cline", 926))
def know_no_chat(reply: Reply) -> None:
    """The chat path does not exist: 404 with an empty body."""
    if reply.request.is_chat:
        reply.raw(404, "", "text/plain")


@fault("chat-405", caught_by={"url.serves-api"}, source=issue("esengine/DeepSeek-Reasonix", 9301))
def allow_no_post(reply: Reply) -> None:
    """The chat path does not allow POST, as when /v1 is missing from the base URL: 405 in plain text."""
    if reply.request.is_chat:
        reply.raw(405, "405 method not allowed", "text/plain")


@fault("chat-200-empty", caught_by={"url.serves-api"}, source=issue("NVIDIA-NeMo/Switchyard", 541))
def answer_nothing(reply: Reply) -> None:
    """Chat requests are answered with 200 and an empty body."""
    if reply.request.is_chat:
        reply.raw(200, "", "application/json")


@fault(
    "header-missing",
    caught_by={"url.accepts-requests", "chat.accepted", "params.max-tokens", "tools.accepted", "toolstream.native"},
    source="https://portkey.ai/docs/api-reference/inference-api/headers",
)
def want_a_header(reply: Reply) -> None:
    """Every chat request is refused because a header of the gateway is missing."""
    if reply.request.is_chat:
        message = "Either x-portkey-config or x-portkey-provider header is required"
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        reply.json(400, {"error": error})


@fault("unknown-path-page", caught_by={"url.unknown-path"}, source=issue("Kilo-Org/kilocode", 2384))
def show_a_page_for_unknown_paths(reply: Reply) -> None:
    """Unknown paths are answered with a web page and status 200."""
    if reply.status == 404 and _is_elsewhere(reply.request):
        reply.page(200, PAGE)


@fault("unknown-path-200", caught_by={"url.unknown-path"}, source=issue("lmstudio-ai/lmstudio-bug-tracker", 619))
def succeed_on_unknown_paths(reply: Reply) -> None:
    """Unknown paths are answered with 200 and {}."""
    if reply.status == 404 and _is_elsewhere(reply.request):
        reply.json(200, {})


def _is_elsewhere(request: Request) -> bool:
    return not request.is_chat and not request.path.startswith("/v1/models")


@fault("doubled-path-served", caught_by={"url.unknown-path"}, source=issue("Kilo-Org/kilocode", 2384))
def serve_any_path_that_ends_right(request: Request) -> None:
    """The model answers on every path that ends in /chat/completions."""
    if request.path.endswith("/chat/completions"):
        request.path = CHAT


@fault("double-slash-404", caught_by={"url.double-slash"}, source=issue("cline/cline", 12532))
def refuse_double_slashes(reply: Reply) -> None:
    """A path with a double slash is not found, so a base URL with a trailing slash does not work."""
    if "//" in reply.request.target:
        reply.json(
            404, {"error": {"message": "Not found", "type": "invalid_request_error", "param": None, "code": None}}
        )


@fault("double-slash-301", caught_by={"url.double-slash"}, source=issue("lfnovo/esperanto", 113))
def redirect_double_slashes(reply: Reply) -> None:
    """A path with a double slash is redirected with 301 and an empty body."""
    if "//" in reply.request.target:
        reply.raw(301, "", "text/plain")
        reply.headers["location"] = reply.request.path
