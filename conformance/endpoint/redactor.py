"""The redactor of one endpoint: it knows which of its settings are secrets."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from conformance.endpoint.config import Endpoint
from conformance.endpoint.input_checks import split_url
from conformance.endpoint.wrong_keys import near_keys
from conformance.evidence.redaction import Redactor

SECRET_NAME = re.compile(r"key|token|secret|auth|password|credential|cookie", re.IGNORECASE)


def redactor_for(endpoint: Endpoint) -> Redactor:
    """A redactor for this endpoint's key, custom headers and the keys in the query of its base URL.

    Every custom header is masked in the headers. Its value is masked elsewhere only when its name says that it is a
    secret: a value like `Kilo Code` would be masked in every answer.
    """
    query = parse_qsl(split_url(endpoint.base_url)[2].removeprefix("?"))
    named = [value for name, value in (*endpoint.headers.items(), *query) if SECRET_NAME.search(name)]
    near = near_keys(endpoint.key) if endpoint.key else []  # sent on purpose, and as secret as the key itself
    return Redactor([value for value in (endpoint.key, *near, *named) if value], tuple(endpoint.headers))
