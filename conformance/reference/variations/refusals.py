"""How a provider refuses a key or a path, and with which members of an error."""

from __future__ import annotations

from typing import Any

from conformance.reference.sources import issue
from conformance.reference.stages import Reply, Request
from conformance.reference.variation import variation


def _error(reply: Reply) -> dict[str, Any] | None:
    """The error of a refusal that has one."""
    error = reply.body.get("error") if reply.status >= 400 and isinstance(reply.body, dict) else None
    return error if isinstance(error, dict) else None


@variation("wrong-key-403", source=issue("gptme/gptme", 3555))
def forbid_a_wrong_key(reply: Reply) -> None:
    """A wrong key is refused with 403 and a message that names the key, as by xAI."""
    if reply.refuses_key:
        message = "Incorrect API key provided. You can obtain an API key from the console."
        reply.json(403, {"error": {"message": message, "type": "permission_error", "code": "forbidden"}})


@variation("wrong-key-400", source=issue("apoorvdarshan/fud-ai", 113))
def call_a_wrong_key_invalid(reply: Reply) -> None:
    """A wrong key is refused with 400 as an invalid argument, as by Google."""
    if reply.refuses_key:
        message = "API key not valid. Please pass a valid API key."
        reply.json(400, {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}})


@variation("models-public", source=issue("ferro-labs/ai-gateway", 243))
def publish_the_models(request: Request) -> None:
    """The model list can be read without a key."""
    if request.is_models:
        request.authorise()


@variation("error-with-more-beside", source="https://docs.together.ai/docs/error-codes")
def add_an_id_beside_the_error(reply: Reply) -> None:
    """The body of an error has an id of the request next to `error`."""
    if _error(reply) is not None:
        reply.body = {**reply.body, "id": "reference-request-1"}


@variation("error-without-param", source="https://console.groq.com/docs/errors")
def leave_out_the_param(reply: Reply) -> None:
    """An error has a message, a type and sometimes a code, as with Groq."""
    error = _error(reply)
    if error is not None:
        error.pop("param", None)
        if error.get("code") is None:
            error.pop("code", None)


@variation("error-code-is-status", source="https://github.com/ggml-org/llama.cpp/tree/master/tools/server")
def repeat_the_status(reply: Reply) -> None:
    """An error has a code, a message and a type, and the code is the status, as with llama.cpp."""
    error = _error(reply)
    if error is not None:
        error["code"] = reply.status
        error.pop("param", None)


@variation("wrong-path-405", source=issue("esengine/DeepSeek-Reasonix", 9301))
def allow_no_method(reply: Reply) -> None:
    """An unknown path is answered with 405, as by Ollama."""
    error = _error(reply)
    if error is not None and error.get("code") == "unknown_url":
        reply.raw(405, "405 method not allowed", "text/plain")


@variation("double-slash-redirected", source=issue("lfnovo/esperanto", 113))
def redirect_double_slashes(reply: Reply) -> None:
    """A path with a double slash is redirected with 301 to the same path with one slash, as by Ollama."""
    if "//" in reply.request.target:
        path = reply.request.path
        reply.raw(301, f'<a href="{path}">Moved Permanently</a>.\n\n', "text/html; charset=utf-8")
        reply.headers["location"] = path
