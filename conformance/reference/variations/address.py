"""The path under which the API is served."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.reference.sources import issue
from conformance.reference.stages import Request
from conformance.reference.variation import BASE_PATH, variation

QWEN, CODING, DATABRICKS, GOOGLE = (
    "/compatible-mode/v1",
    "/api/coding/paas/v4",
    "/serving-endpoints",
    "/v1beta/openai",
)


def _serve_below(request: Request, base: str) -> None:
    """Serve the API under `base` instead of /v1, and nothing under /v1."""
    if request.path.startswith(base + "/"):
        request.path = BASE_PATH + request.path.removeprefix(base)
    elif urlsplit(request.target).path.startswith(BASE_PATH + "/"):
        request.path = "/elsewhere"


@variation("base-path-before-v1", source=issue("smallmain/vscode-unify-chat-provider", 62), base_path=QWEN)
def serve_in_compatible_mode(request: Request) -> None:
    """The base URL has a path before its version, as with Qwen."""
    _serve_below(request, QWEN)


@variation("base-path-other-version", source=issue("smallmain/vscode-unify-chat-provider", 62), base_path=CODING)
def serve_another_version(request: Request) -> None:
    """The base URL ends in a version other than v1, as those of coding plans do."""
    _serve_below(request, CODING)


@variation("base-path-without-version", source=issue("cline/cline", 926), base_path=DATABRICKS)
def serve_no_version(request: Request) -> None:
    """The base URL has no version in its path, as with Databricks."""
    _serve_below(request, DATABRICKS)


@variation("base-path-openai", source=issue("cline/cline", 926), base_path=GOOGLE)
def serve_as_openai(request: Request) -> None:
    """The base URL ends in /openai, as with Google."""
    _serve_below(request, GOOGLE)
