"""Faults of the API key on other routes, with unusual keys, and in refusals that reveal too much or come from elsewhere."""

from __future__ import annotations

from hashlib import sha256

from conformance.reference.fault import fault
from conformance.reference.faults.url import PAGE
from conformance.reference.sources import issue
from conformance.reference.stages import CHAT, Reply, Request

OTHER_ROUTES = ("/invocations", "/v1/messages")


@fault("other-routes-unchecked", caught_by={"auth.other-routes"}, source=issue("vllm-project/vllm", 58144))
def leave_other_routes_open(request: Request) -> None:
    """Routes for other clients reach the same model without a check of the key."""
    if request.path in OTHER_ROUTES:
        request.path = CHAT
        request.authorise()


@fault("models-unchecked", caught_by={"auth.models-tell-keys-apart"}, source=issue("decolua/9router", 3085))
def list_models_for_everybody(request: Request) -> None:
    """The model list needs no key, so that reading it does not test a key."""
    if request.is_models:
        request.authorise()


@fault(
    "accented-key-page",
    caught_by={"auth.refusal-json", "auth.refusal-status", "errors.envelope"},
    source=issue("RooCodeInc/Roo-Code", 8008),
)
def refuse_accents(reply: Reply) -> None:
    """The HTTP stack refuses a key with a non-ASCII letter: 400 and a web page."""
    if not reply.request.headers.get("authorization", "").isascii():
        reply.page(400, PAGE)


@fault("refusal-tells-hash", caught_by={"auth.key-not-echoed"}, source=issue("BerriAI/litellm", 39757))
def reveal_the_hash(reply: Reply) -> None:
    """The refusal of a key contains its hash and the name of the database table."""
    if reply.refuses_key and reply.request.token:
        digest = sha256(reply.request.token.encode()).hexdigest()
        reply.body["error"]["message"] = (
            f"Invalid proxy server token passed. Received API Key = sk-...{reply.request.token[-4:]}, Key Hash (Token) = "
            f"{digest}. Unable to find token in cache or `VerificationTokenTable`"
        )


@fault("upstream-key-refused", caught_by={"auth.key-kept", "params.stop"}, source=issue("nyroway/nyro", 67))
def forward_a_refusal(reply: Reply) -> None:
    """Requests with a stop sequence go to a server that refuses the gateway's own key; its 401 is forwarded."""
    if reply.completes and reply.request.body.get("stop"):
        message = "Incorrect API key provided: sk-proj-abc*****xyz."
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
        reply.json(401, {"error": error})
