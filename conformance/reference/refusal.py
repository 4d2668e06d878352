"""How the provider refuses a request: OpenAI's error envelope, always with all four keys."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The request is answered with an error instead of a completion."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind
        self.headers = headers

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error}


def invalid(message: str, param: str | None, code: str | None) -> Refused:
    """A 400: the request itself is wrong."""
    return Refused(400, message, param=param, code=code)


def wrong_type(param: str, expected: str, got: object) -> Refused:
    """A 400 for a value of the wrong JSON type."""
    message = f"Invalid type for '{param}': expected {expected}, but got {json_name(got)} instead."
    return invalid(message, param, "invalid_type")


def missing(param: str) -> Refused:
    """A 400 for a missing field that is required."""
    return invalid(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def json_name(value: object) -> str:
    """The JSON type of a value with its article, as in the error texts."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a string", int: "an integer", float: "a decimal", list: "an array", dict: "an object"}
    return names.get(type(value), "a value")
