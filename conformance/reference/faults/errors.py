"""Faults of errors: their shape, their encoding, and how they differ from success."""

from __future__ import annotations

from conformance.reference.encoding import body_bytes, head_bytes
from conformance.reference.fault import fault
from conformance.reference.faults.url import PAGE
from conformance.reference.sources import ERRORS, HTTP, issue
from conformance.reference.stages import Actions, Close, Reply, Request, Send
from conformance.reference.text import dump


def _is_refusal(reply: Reply) -> bool:
    """Whether this refuses something other than the key, the model or the length of the prompt."""
    about_model = reply.request.is_chat and reply.status == 404
    return reply.status in (400, 404) and not about_model and "maximum context" not in dump(reply.body)


@fault(
    "errors-detail",
    caught_by={"errors.envelope", "url.unknown-path-explained"},
    source=issue("ConardLi/easy-dataset", 268),
)
def send_details(reply: Reply) -> None:
    """Errors have the form {"detail": text}, as web frameworks send them."""
    if _is_refusal(reply):
        reply.json(reply.status, {"detail": reply.body["error"]["message"]})


@fault(
    "errors-string", caught_by={"errors.envelope", "url.unknown-path-explained"}, source=issue("qualcomm/GenieX", 683)
)
def send_strings(reply: Reply) -> None:
    """`error` is a string instead of an object."""
    if _is_refusal(reply):
        reply.json(reply.status, {"error": reply.body["error"]["message"]})


@fault("errors-page", caught_by={"errors.envelope", "url.unknown-path-explained"}, source=HTTP)
def send_pages(reply: Reply) -> None:
    """Unknown paths are answered with 404 and a web page."""
    if reply.status == 404 and not reply.request.is_chat:
        reply.page(404, PAGE)


@fault("errors-code-object", caught_by={"errors.envelope"}, source=ERRORS)
def send_codes_as_objects(reply: Reply) -> None:
    """`code` of an error is an object."""
    if _is_refusal(reply):
        reply.body["error"]["code"] = {"name": reply.body["error"]["code"], "status": reply.status}


@fault(
    "code-taken-for-attack",
    caught_by={"errors.text-of-code", "errors.envelope"},
    source=issue("agent0ai/agent-zero", 990),
)
def forbid_attacks(reply: Reply) -> None:
    """A firewall refuses bodies with SQL or scripts in them, with 403 and a page."""
    if b"UNION SELECT" in reply.request.raw or b"<script>" in reply.request.raw:
        reply.page(403, "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>")


@fault("overloaded-now-and-then", caught_by={"errors.passing"}, source=issue("anomalyco/opencode", 833))
def be_overloaded(request: Request) -> None:
    """One request in nine is refused with 503; sent again it is answered."""
    if request.number % 9 == 0:
        request.refuse(503, "Overloaded")


@fault("stale-content-encoding", caught_by={"errors.decodable"}, source=issue("envoyproxy/ai-gateway", 2554))
def keep_the_content_encoding(reply: Reply) -> None:
    """Errors are not compressed, but their Content-Encoding is gzip."""
    if _is_refusal(reply):
        reply.headers["content-encoding"] = "gzip"


@fault("json-not-utf-8", caught_by={"errors.decodable"}, source=issue("ggml-org/llama.cpp", 9195))
def write_broken_json(wire: Actions) -> None:
    """The text of an error contains bytes that are not UTF-8."""
    if _is_refusal(wire.reply):
        body = body_bytes(wire.reply).replace(b'"message":"', b'"message":"\xff\xfe')
        wire[:] = [Send(head_bytes(wire.reply, [("content-length", str(len(body)))])), Send(body)]


@fault(
    "malformed-json-dropped",
    caught_by={"errors.malformed-json", "errors.broken-text"},
    source=issue("ml-explore/mlx-lm", 592),
)
def crash_on_malformed_json(wire: Actions) -> None:
    """A body that is not JSON crashes the handler: the connection closes without an answer."""
    if wire.request.malformed:
        wire[:] = [Close()]


@fault(
    "malformed-json-500",
    caught_by={"errors.malformed-json", "errors.no-server-error", "errors.broken-text"},
    source=issue("ml-explore/mlx-lm", 592),
)
def fail_on_malformed_json(reply: Reply) -> None:
    """A body that is not JSON gets a server error."""
    if reply.request.malformed and reply.status == 400:
        reply.status = 500


@fault(
    "bad-messages-500",
    caught_by={"errors.bad-messages", "errors.no-server-error"},
    source=issue("sterlp/eclipse-peon-ai", 75),
)
def fail_on_bad_messages(request: Request) -> None:
    """Messages of a wrong type get a server error."""
    if not isinstance(request.body.get("messages", []), list):
        request.refuse(500, "TypeError: 'int' object is not iterable")


@fault("bad-messages-dropped", caught_by={"errors.bad-messages"}, source=issue("ml-explore/mlx-lm", 592))
def crash_on_bad_messages(wire: Actions) -> None:
    """Messages of a wrong type crash the handler: the connection closes without an answer."""
    if not isinstance(wire.request.body.get("messages", []), list):
        wire[:] = [Close()]


@fault("choices-null", caught_by={"errors.not-in-200"}, source=issue("pydantic/pydantic-ai", 6901))
def answer_without_choices(reply: Reply) -> None:
    """With a low token limit, the answer has status 200, `choices: null` and no reason."""
    if reply.choices and reply.request.body.get("max_tokens") == 16:
        reply.body["choices"] = None


@fault("rate-limit-in-200", caught_by={"errors.not-in-200"}, source=issue("pydantic/pydantic-ai", 4528))
def limit_with_success(reply: Reply) -> None:
    """A rate limit is reported with status 200."""
    if reply.choices and reply.request.body.get("max_tokens") == 16:
        reply.json(200, {"error": {"message": "Rate limit exceeded.", "type": "requests", "param": None, "code": 429}})


@fault(
    "server-error-on-developer",
    caught_by={"errors.no-server-error", "params.developer-role"},
    source=issue("MeetKai/functionary", 141),
)
def fail_on_unexpected_roles(request: Request) -> None:
    """The role `developer` gets an exception of the server."""
    if any(message.get("role") == "developer" for message in request.messages):
        request.refuse(500, "AssertionError: unexpected role")
