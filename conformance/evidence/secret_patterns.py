"""The forms in which a secret may be written, as patterns over bytes.

A server that echoes a key rarely echoes it as it was typed: it may be percent-encoded in a redirect, in JSON escapes
in an error, in HTML references on a proxy's page, in base64 in a Basic credential, or in hexadecimal digits.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

Span = tuple[int, int]

# A key such as `x` or `lm-studio`, which local servers accept or ask for, is not a secret, and masking every `x` of a
# body would destroy the evidence. The same goes for `--------`. Headers for secrets are masked whatever their value.
SHORTEST = 8
FEWEST_DISTINCT = 4
PLACEHOLDERS = frozenset(
    {
        "anything",
        "api-key-not-needed",
        "change-me",
        "changeme",
        "dummy-key",
        "fake-key",
        "lm-studio",
        "lmstudio",
        "no-api-key",
        "no-key-needed",
        "no-key-required",
        "not-needed",
        "not-required",
        "ollama-key",
        "password",
        "placeholder",
        "sk-dummy-key",
        "sk-fake-key",
        "sk-no-key-required",
        "sk-placeholder",
        "test-key",
        "token-abc123",
        "undefined",
        "your-api-key",
        "your_api_key",
    }
)
# What keys of known providers look like, for recordings whose key is unknown. Three digits distinguish them from names
# of functions and parameters (`key_of_the_record`), which must not be masked.
_DIGITS = rb"(?=(?:[A-Za-z._~+/=-]{0,60}[0-9]){3})"
SHAPES = re.compile(
    rb"\b(?:sk|pk|rk|gsk|xai|pplx|hf|nvapi|csk|fw|r8|tgp|ghp|gho|glpat|lsv2|tvly|dapi)[-_]"
    + _DIGITS
    + rb"[A-Za-z0-9_-]{16,200}|"
    rb"\bAIza[0-9A-Za-z_-]{30,50}|\b(?:org|proj|acct|user)[-_]"
    + _DIGITS
    + rb"[A-Za-z0-9]{20,64}\b|\bdapi[0-9a-f]{32}\b|"
    rb"\b[Bb]earer[ :]+" + _DIGITS + rb"[A-Za-z0-9._~+/=-]{16,200}|\beyJ[A-Za-z0-9_-]{10,200}\.[A-Za-z0-9_.-]{10,200}"
)
SCHEMES = frozenset({"bearer", "basic", "digest", "token", "apikey", "api-key", "key", "negotiate"})

# An escape has up to seven backslashes, as in JSON in JSON in JSON. An upper bound keeps hostile runs of backslashes
# linear. The first one is separate so that `re` can skip to the bytes at which a match may begin.
_BACKSLASHES = rb"\\\\{0,6}"
_NAMED = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos"}
_NEEDS_NO_ESCAPE = re.compile(r"[0-9A-Za-z._~:;,@$=*()-]+")
_ESCAPES = (b"%", b"\\u00", b"&#")  # one of them is in every escape of such a character
_CUT_ESCAPE = re.compile(rb"\\{1,7}(?:u[0-9A-Fa-f]{0,3})?|%(?:25){0,2}[0-9A-Fa-f]?|&#?[0-9A-Za-z]{0,5}")


def _any_case(digits: str) -> bytes:
    """A pattern for hexadecimal digits in either case."""
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits.lower()).encode()


def _spellings(char: str) -> list[bytes]:
    """Patterns for one character: plain, percent-encoded, JSON-escaped and as an HTML reference."""
    raw, units = char.encode("utf-8", "surrogatepass"), char.encode("utf-16-be", "surrogatepass").hex()
    found = [
        re.escape(raw),
        b"".join(b"%%(?:25){0,2}%s" % _any_case(f"{byte:02x}") for byte in raw),
        b"".join(_BACKSLASHES + b"u" + _any_case(units[n : n + 4]) for n in range(0, len(units), 4)),
        b"&#(?:[xX]0{0,5}%s|0{0,5}%d);" % (_any_case(f"{ord(char):x}"), ord(char)),
    ]
    if char in "/\"'":
        found.append(_BACKSLASHES + re.escape(raw))
    if char == " ":
        found.append(rb"\+")
    if char in _NAMED:
        found.append(b"&%s;" % _NAMED[char])
    return found


def _unit(chars: str) -> bytes:
    """The pattern of one character, or of a run of backslashes with the character after it."""
    run = len(chars) - len(chars.lstrip("\\"))
    if not run:
        return b"(?:%s)" % b"|".join(_spellings(chars))
    encoded = b"|".join(_spellings("\\")[1:])
    if chars[run:]:
        after = _spellings(chars[run:])
        after.append(after[2].removeprefix(_BACKSLASHES))
    else:
        after = [b""]
    # It is ambiguous how many backslashes belong to the run and how many to an escape after it. The run takes them all
    # and never gives any back, so that a server that knows the key cannot make the search explode.
    return rb"(?:\\{%d,%d}+|(?:%s){%d})(?:%s)" % (run, 8 * run + 7, encoded, run, b"|".join(after))


@dataclass(frozen=True)
class Form:
    """One form in which a secret may be written, as a sequence of patterns.

    `least` is how many of them make up the shortest beginning that is masked at the cut end of a body. `plain` is that
    beginning when every other way to write it takes an escape.
    """

    units: tuple[bytes, ...]
    least: int
    plain: bytes = b""

    @cached_property
    def _whole(self) -> re.Pattern[bytes]:
        return re.compile(b"".join(self.units))

    @cached_property
    def _beginning(self) -> re.Pattern[bytes]:
        return re.compile(b"".join(self.units[: self.least]))

    def spans(self, data: bytes) -> Iterator[Span]:
        """Where the secret is, and where the end of the data cuts it off."""
        if self.plain and not any(sign in data for sign in (self.plain, *_ESCAPES)):
            return  # much faster than the search for a pattern, and true of most data
        first = self._beginning.search(data)
        if first is None:
            return
        yield from (found.span() for found in self._whole.finditer(data, first.start()))
        window = max(0, len(data) - 24 * len(self.units))
        for found in self._beginning.finditer(data, window):
            if self._runs_out(data, found.end()):
                yield found.start(), len(data)

    def _runs_out(self, data: bytes, place: int) -> bool:
        """True when the data ends before the secret does."""
        for unit in self.units[self.least :]:
            found = re.compile(unit).match(data, place)
            if not found:
                break
            place = found.end()
        return place == len(data) or bool(_CUT_ESCAPE.fullmatch(data, place))


_BASE64_UNITS = {"+": rb"(?:\+|-|%2[bB])", "/": rb"(?:/|_|%%2[fF]|%s/)" % _BACKSLASHES}


def _base64_form(raw: bytes, before: int) -> Form:
    """The base64 of a secret after `before` other bytes (`user:`, `Bearer `), modulo 3.

    Only digits that encode nothing but the secret are stable. Up to four bits of its first and last byte share a digit
    with a neighbour and are not masked.
    """
    digits = base64.b64encode(b"\0" * before + raw).decode()
    stable = digits[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
    return Form(tuple(_BASE64_UNITS.get(d, d.encode()) for d in stable), 8 * SHORTEST // 6)


def forms_of(secret: str) -> Iterator[Form]:
    """Every form in which a secret is searched for."""
    raw = secret.encode("utf-8", "surrogatepass")
    plain = raw[:SHORTEST] if _NEEDS_NO_ESCAPE.fullmatch(secret[:SHORTEST]) else b""
    yield Form(tuple(_unit(chars) for chars in re.findall(r"\\+[^\\]?|[^\\]", secret)), SHORTEST, plain)
    yield from (_base64_form(raw, before) for before in range(3))
    yield Form(tuple(_any_case(digit) for digit in raw.hex()), 2 * SHORTEST)


def worth_masking(secrets: Iterable[str]) -> Iterator[str]:
    """The secrets to find by value; of `Bearer KEY`, the key alone as well."""
    for secret in dict.fromkeys(secret.strip() for secret in secrets):
        scheme, _, rest = secret.partition(" ")
        if scheme.lower() in SCHEMES:
            yield from worth_masking([rest])
        few = len(secret) < SHORTEST or len(set(secret)) < FEWEST_DISTINCT
        if not few and secret.lower() not in PLACEHOLDERS:
            yield secret
