"""Faults of the key beyond the first request: other ways in, odd keys, refusals that tell too much or come from elsewhere."""

from __future__ import annotations

from hashlib import sha256

from conformance.reference.fault import fault
from conformance.reference.faults.url import PAGE
from conformance.reference.sources import issue
from conformance.reference.stages import CHAT, Reply, Request

OTHER_ROUTES = ("/invocations", "/v1/messages")


@fault("other-routes-unchecked", caught_by={"auth.other-routes"}, source=issue("vllm-project/vllm", 58144))
def leave_other_routes_open(request: Request) -> None:
    """The routes for other clients lead to the same model, and nobody checks the key there."""
    if request.path in OTHER_ROUTES:
        request.path = CHAT
        request.authorise()


@fault("models-unchecked", caught_by={"auth.models-tell-keys-apart"}, source=issue("decolua/9router", 3085))
def list_models_for_everybody(request: Request) -> None:
    """The list of models is given to everybody, so that listing them says nothing about a key."""
    if request.is_models:
        request.authorise()


@fault(
    "accented-key-page",
    caught_by={"auth.refusal-json", "auth.refusal-status", "errors.envelope"},
    source=issue("RooCodeInc/Roo-Code", 8008),
)
def trip_over_accents(reply: Reply) -> None:
    """A key with a letter beyond ASCII is refused by the HTTP stack: 400 and a page."""
    if not reply.request.headers.get("authorization", "").isascii():
        reply.page(400, PAGE)


@fault("refusal-tells-hash", caught_by={"auth.key-not-echoed"}, source=issue("BerriAI/litellm", 39757))
def tell_the_hash(reply: Reply) -> None:
    """The refusal of a key names its hash, and the table in which it was looked for."""
    if reply.refuses_key and reply.request.token:
        digest = sha256(reply.request.token.encode()).hexdigest()
        reply.body["error"]["message"] = (
            f"Invalid proxy server token passed. Received API Key = sk-...{reply.request.token[-4:]}, Key Hash (Token) = "
            f"{digest}. Unable to find token in cache or `VerificationTokenTable`"
        )


@fault("upstream-key-refused", caught_by={"auth.key-kept", "params.stop"}, source=issue("nyroway/nyro", 67))
def hand_on_a_refusal(reply: Reply) -> None:
    """Requests with a stop sequence go to a server that refuses the gateway's own key, and the 401 is handed on."""
    if reply.completes and reply.request.body.get("stop"):
        message = "Incorrect API key provided: sk-proj-abc*****xyz."
        error = {
            "message": message,
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_api_key",
        }
        reply.json(401, {"error": error})
