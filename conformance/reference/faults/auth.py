"""Faults of the API key: not checked, checked in part, or refused in a way that no client understands."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.faults.url import PAGE
from conformance.reference.sources import ERRORS, issue
from conformance.reference.stages import Reply, Request

CWE = "https://cwe.mitre.org/data/definitions"
ANSWERED = {"auth.wrong-key-refused"}


@fault("key-always-refused", caught_by={"auth.key-accepted"}, source=ERRORS)
def refuse_every_key(reply: Reply) -> None:
    """Every key is refused, even the right one."""
    message = "Incorrect API key provided."
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
    reply.json(401, {"error": error})


@fault(
    "any-key-accepted", caught_by={"auth.models-tell-keys-apart"} | ANSWERED, source=issue("vllm-project/vllm", 58144)
)
def check_no_key(request: Request) -> None:
    """Keys are not checked at all."""
    request.authorise()


@fault("foreign-keys-accepted", caught_by=ANSWERED, source=issue("maximhq/bifrost", 2904))
def check_only_own_keys(request: Request) -> None:
    """Only keys in the provider's own format are checked. Any other key is accepted, and so is none."""
    if not (request.token or "").startswith("sk-"):
        request.authorise()


@fault("wrong-key-accepted", caught_by={"auth.models-tell-keys-apart"} | ANSWERED, source=ERRORS)
def want_any_key(request: Request) -> None:
    """A key is required, but its value is not checked."""
    if request.token:
        request.authorise()


@fault("key-compared-in-part", caught_by=ANSWERED, source=f"{CWE}/187.html")
def compare_beginnings(request: Request) -> None:
    """Only the first eight characters of a key are compared."""
    if request.token and request.right_key and request.token[:8] == request.right_key[:8]:
        request.authorise()


@fault("key-case-ignored", caught_by=ANSWERED, source=f"{CWE}/178.html")
def compare_without_case(request: Request) -> None:
    """Keys are compared without regard to upper and lower case, as some databases do."""
    if request.token and request.right_key and request.token.lower() == request.right_key.lower():
        request.authorise()


@fault("longer-key-accepted", caught_by=ANSWERED, source=f"{CWE}/625.html")
def compare_without_an_end(request: Request) -> None:
    """Any key that begins with the right key is accepted, as with a pattern that has no end anchor."""
    if request.token and request.right_key and request.token.startswith(request.right_key):
        request.authorise()


@fault("missing-key-accepted", caught_by=ANSWERED, source=issue("decolua/9router", 3085))
def check_only_what_is_sent(request: Request) -> None:
    """A request without an Authorization header is accepted."""
    if "authorization" not in request.headers:
        request.authorise()


@fault("empty-key-accepted", caught_by=ANSWERED, source=issue("maximhq/bifrost", 2904))
def take_nothing_for_a_key(request: Request) -> None:
    """`Authorization: Bearer` without a token is accepted."""
    if request.headers.get("authorization", "").strip() == "Bearer":
        request.authorise()


@fault("stream-key-unchecked", caught_by=ANSWERED, source=issue("vllm-project/vllm", 58144))
def check_no_key_of_streams(request: Request) -> None:
    """Keys are not checked when the request asks for a stream."""
    if request.streams:
        request.authorise()


@fault("refusal-page", caught_by={"auth.refusal-json", "errors.envelope"}, source=issue("Kilo-Org/kilocode", 2985))
def refuse_with_a_page(reply: Reply) -> None:
    """A wrong key is refused with a web page."""
    if reply.refuses_key:
        reply.page(401, PAGE)


@fault("refusal-empty", caught_by={"auth.refusal-json", "errors.envelope"}, source=ERRORS)
def refuse_with_nothing(reply: Reply) -> None:
    """A wrong key is refused with an empty body."""
    if reply.refuses_key:
        reply.raw(401, "", "text/plain")


@fault(
    "refusal-bare-string",
    caught_by={"errors.envelope", "auth.refusal-json"},
    source=issue("modal-labs/modal-examples", 1105),
)
def refuse_with_a_string(reply: Reply) -> None:
    """A wrong key is refused with an `error` that is a string instead of an object."""
    if reply.refuses_key:
        reply.json(401, {"error": "Unauthorized: invalid API key"})


@fault("refusal-404", caught_by={"auth.refusal-status"}, source=ERRORS)
def refuse_as_not_found(reply: Reply) -> None:
    """A wrong key is refused with 404, which looks like an unknown model."""
    if reply.refuses_key and reply.request.is_chat:
        reply.status = 404


@fault("refusal-500", caught_by={"auth.refusal-status", "errors.no-server-error"}, source=ERRORS)
def refuse_as_a_crash(reply: Reply) -> None:
    """A wrong key is refused with 500, so clients retry again and again."""
    if reply.refuses_key and reply.request.is_chat:
        reply.status = 500


@fault("refusal-200", caught_by={"auth.refusal-status", "errors.not-in-200"}, source=issue("MiniMax-AI/MiniMax-01", 37))
def refuse_with_success(reply: Reply) -> None:
    """A wrong key is refused with status 200 and a body with another status."""
    if reply.refuses_key and reply.request.is_chat:
        reply.json(200, {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}})


@fault("refusal-echoes-key", caught_by={"auth.key-not-echoed"}, source=issue("BerriAI/litellm", 39757))
def repeat_the_key(reply: Reply) -> None:
    """The refusal repeats the whole key of the request."""
    if reply.refuses_key:
        reply.body["error"]["message"] = f"Incorrect API key provided: {reply.request.token}"


@fault(
    "wrong-key-no-models",
    caught_by={"auth.models-checked", "auth.models-tell-keys-apart"},
    source=issue("decolua/9router", 3085),
)
def hide_the_models(reply: Reply) -> None:
    """A wrong key gets a different, shorter model list instead of a refusal."""
    if reply.refuses_key and reply.request.is_models:
        entry = {"id": "public-demo", "object": "model", "created": 0, "owned_by": "reference"}
        reply.json(200, {"object": "list", "data": [entry]})


@fault("wrong-key-empty-list", caught_by={"auth.models-checked"}, source=issue("decolua/9router", 3085))
def list_nothing_for_a_wrong_key(reply: Reply) -> None:
    """A wrong key gets an empty model list instead of a refusal."""
    if reply.refuses_key and reply.request.is_models:
        reply.json(200, {"object": "list", "data": []})


@fault("wrong-key-models-500", caught_by={"auth.models-checked", "errors.no-server-error"}, source=ERRORS)
def crash_on_a_wrong_key(reply: Reply) -> None:
    """The model list answers a wrong key with 500."""
    if reply.refuses_key and reply.request.is_models:
        reply.status = 500


@fault("quota-exhausted", caught_by={"auth.account-usable"}, source=ERRORS)
def take_no_requests(request: Request) -> None:
    """The account has no credit left: every request is refused with 429."""
    request.refuse(429, "You exceeded your current quota, please check your plan.", None, "insufficient_quota")


@fault("payment-required", caught_by={"auth.account-usable"}, source=ERRORS)
def want_payment(request: Request) -> None:
    """The account has no credit left: every request is refused with 402."""
    request.refuse(402, "Insufficient balance.")
