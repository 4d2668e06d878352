"""A request of a report as the `curl` command that repeats it: quoted for a shell, with the key in a variable."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from conformance.report.text import visible

_MASKED = re.compile(r"\*{3,}")
_LEFT_OUT = re.compile(  # headers that curl sets itself, or that only identify the client
    r"accept.*|user-agent|host|connection|content-length|sec-fetch-.*|x-stainless-.*", re.IGNORECASE
)


def curl(exchange: Mapping[str, Any]) -> str:
    """The command, one option a line; `$API_KEY` is the key, `$WRONG_KEY` the wrong one where that was sent."""
    request = exchange["request"]
    variable = "$WRONG_KEY" if "key" in exchange["conversation"] else "$API_KEY"
    headers = [
        f"-H {_word(f'{name}: {value}', variable)}"
        for name, value in request["headers"]
        if not _LEFT_OUT.fullmatch(name)
    ]
    method = [] if request["method"] in ("POST", "GET") else [f"-X {_quoted(request['method'])}"]
    body = [f"--data-raw {_quoted(_body(request['body']))}"] if request["body"] else []
    return " \\\n  ".join([f"curl -sS -i -N {_word(request['url'], variable)}", *method, *headers, *body])


def _quoted(text: str) -> str:
    """The text as one word of a shell: unprintable characters are spelled out, `*` and `$` have no special meaning."""
    return shlex.quote(visible(text))


def _word(text: str, variable: str) -> str:
    """A header or a URL as one word; what is masked in it becomes the variable, which a shell fills in."""
    parts = _MASKED.split(visible(text))
    return f'"{variable}"'.join(shlex.quote(part) if part else "" for part in parts)


def _body(body: Any) -> str:
    """The body as text; JSON with unprintable characters is written with escapes, which mean the same."""
    if not isinstance(body, str):
        return f"(base64) {body['base64']}"
    if body.isprintable():
        return body
    try:
        return json.dumps(json.loads(body))
    except (ValueError, RecursionError):
        return body
