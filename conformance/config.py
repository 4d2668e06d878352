"""Which endpoint is meant: the flags, the named tables of a configuration file, the key from the environment.

Everything a user can get wrong here becomes one line that says what is wrong and how to mend it, and none of
those lines ever holds a key. URLs are joined by hand: libraries rewrite some that servers tell apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from os.path import relpath
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from conformance.schema import nearest, violations

__all__ = ["Endpoint", "UsageError", "find_endpoint", "nearest", "unknown"]

KEY_VARIABLES = ("CONFORMANCE_API_KEY", "OPENAI_API_KEY")
FILES: dict[str, tuple[str, ...]] = {"conformance.toml": (), "pyproject.toml": ("tool", "conformance")}
HOW = "give --base-url URL --model ID, or the NAME of a table [endpoint.NAME] in conformance.toml"

_URL = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*)([^?#]*)(\??[^#]*)", re.DOTALL)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*|[A-Za-z_][A-Za-z0-9_]{0,15}")
_NOT_IN_URLS = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(.*)")
_FULL = re.compile(r"/chat(/completions)?/?\Z")


class UsageError(Exception):
    """Wrong usage or configuration: one line for stderr, exit 4."""


def unknown(kind: str, word: str, words: Iterable[str]) -> UsageError:
    """The error for a name that is not one of `words`; a long list of them is counted instead of told."""
    known = list(words)
    near = nearest(word, known)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    listed = ", ".join(known) if len(known) <= 12 else f"{len(known)} of them"
    return UsageError(f"unknown {kind} {word[:80]!r}{meant} (known: {listed or 'none'})")


@dataclass(frozen=True)
class Endpoint:
    """What a user types into Roo Code or Kilo Code. Prices are US dollars per million tokens.

    `api_key_env` is the variable the key was taken from, "" when there is no key.
    """

    base_url: str
    model: str
    name: str = ""
    key: str | None = field(default=None, repr=False)
    api_key_env: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    max_output_tokens: int | None = None
    context_window: int | None = None
    images: bool | None = None
    computer_use: bool | None = None
    input_price: float | None = None
    output_price: float | None = None
    streaming: bool = True
    azure_api_version: str | None = None

    def __post_init__(self) -> None:
        """Freezes the headers and gives the endpoint a name."""
        object.__setattr__(self, "headers", MappingProxyType(dict(self.headers)))
        object.__setattr__(self, "name", self.name or slug(self.base_url))

    def __reduce__(self) -> tuple[Callable[[], Endpoint], tuple[()]]:
        """Lets an endpoint go to another process, which its read-only headers alone could not."""
        return partial(Endpoint, **{**vars(self), "headers": dict(self.headers)}), ()

    @property
    def base(self) -> str:
        """What paths are appended to: the base URL without query, trailing slash, or full endpoint's path."""
        root, path, _ = split_url(self.base_url)
        full = _FULL.search(path)
        return root + (path[: full.start()] if full else path.removesuffix("/"))

    @property
    def chat_url(self) -> str:
        """Where chat completions are asked for; a full endpoint URL is used as typed, but for a slash at its end."""
        root, path, query = split_url(self.base_url)
        full = root + path.removesuffix("/") + self._with_version(query)
        return full if _FULL.search(path) else self.url("/chat/completions")

    @property
    def models_url(self) -> str | None:
        """Where the models are listed; None for a full endpoint URL whose siblings nobody can guess."""
        full = _FULL.search(split_url(self.base_url)[1])
        return None if full and not full[1] else self.url("/models")

    def url(self, path: str) -> str:
        """Base + path, with the query of the base URL kept at the end."""
        query = self._with_version(split_url(self.base_url)[2])
        if "?" in path and query:
            query = "&" + query[1:]
        return f"{self.base}{path if path.startswith('/') else '/' + path}{query}"

    def _with_version(self, query: str) -> str:
        names = [pair.split("=")[0].lower() for pair in query[1:].split("&")]
        if not self.azure_api_version or "api-version" in names:
            return query
        joint = "?" if not query else "" if query[-1] in "?&" else "&"
        return f"{query}{joint}api-version={self.azure_api_version}"


def split_url(url: str) -> tuple[str, str, str]:
    """A URL as (scheme and host, path, query with its question mark), each exactly as typed."""
    root, path, query = _URL.findall(url)[0]
    return root, path, query


def slug(base_url: str) -> str:
    """The host and port of a URL as the name of a folder."""
    host = split_url(base_url)[0].split("://")[-1].split("@")[-1]
    return re.sub(r"[^a-z0-9.]+", "-", host.lower()).strip("-.") or "endpoint"


@dataclass(frozen=True)
class Table:
    """The settings of one named endpoint, and where they stand, for messages."""

    origin: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def choose(self, key: str, flag: str | None) -> tuple[str | None, str]:
        """The value of a setting and where it comes from: the flag wins."""
        if flag is not None:
            return flag, f"--{key.replace('_', '-')}"
        return self.values.get(key), f"{self.origin}.{key}"


def find_endpoint(
    name: str | None,
    *,
    base_url: str | None = None,
    model: str | None = None,
    api_key_env: str | None = None,
    directory: Path,
    environ: Mapping[str, str],
) -> Endpoint:
    """The endpoint that is meant. `None` for a flag that was not given; flags win over the named table."""
    table = _named(name, directory) if name else Table()
    if not name and base_url is None:
        raise UsageError(f"no endpoint: {HOW}{_known(directory)}")
    where = _checked(*_required(table, "base_url", base_url), _url_problems)
    which = _checked(*_required(table, "model", model), _model_problems)
    variable, key = _key(*table.choose("api_key_env", api_key_env), environ)
    rest = {k: v for k, v in table.values.items() if k not in ("base_url", "model", "api_key_env")}
    return Endpoint(where, which, name or slug(where), key, variable, **rest)


def _required(table: Table, key: str, flag: str | None) -> tuple[str, str]:
    """A setting no endpoint can do without, and how to call it in a message."""
    value, origin = table.choose(key, flag)
    what, option = {"base_url": ("base URL", "--base-url URL"), "model": ("model id", "--model ID")}[key]
    if value is None and table.origin:
        raise UsageError(f"{table.origin} has no {key}: add it there, or give {option}")
    if value is None or not value.strip():
        raise UsageError(f"no {what}: give {option}{'' if value is None else f' ({origin} is empty)'}")
    return value, f"{origin}: the {what}"


def _checked(value: str, what: str, problems: Callable[[str], Iterator[str]]) -> str:
    """The value itself; raises the first of its problems."""
    for problem in problems(value):
        raise UsageError(f"{what} {problem}")
    return value


def _model_problems(model: str) -> Iterator[str]:
    if model != model.strip() or not model.isprintable():
        yield "has a blank at one end or a control character in it; remove it"


def _url_problems(url: str) -> Iterator[str]:
    """What is wrong with a base URL, most basic first; later ones may only follow from earlier ones."""
    odd = (_NOT_IN_URLS.findall(url) or [""])[0]
    if odd.isspace():
        yield "has a blank or line break in it; remove it"
    if odd:
        yield f"holds {odd!a}, which no URL may hold; fill in the placeholder, or write it as %XX"
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.replace("+", "").isalnum():
        yield f"has no scheme; {_suggestion(url)}"
    if scheme.lower() not in ("http", "https"):
        yield f"begins with {scheme[:20]}://, but only http:// and https:// are spoken; use one of them"
    authority = split_url(url)[0].partition("://")[2]
    if "@" in authority:
        yield "carries a user name or password; remove all before the @ and use --api-key-env"
    if "#" in rest:
        yield "has a fragment, which never reaches a server; remove the # and what follows"
    host, port = _HOST.findall(authority)[0]
    if not host:
        yield "names no host; write it as https://host/v1"
    if port and not (port[1:].isdigit() and 0 < int(port[1:10]) < 65536):
        yield "has a port that is not a number from 1 to 65535; correct it"


def _suggestion(url: str) -> str:
    """What to write instead, without query and user name; only what looks like a host is echoed."""
    rest = re.sub(r"^(https?:)?/*", "", url, flags=re.IGNORECASE).split("?")[0]
    host, path = re.match(r"([^/]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    host = host.split("@")[-1]
    if not re.search(r"[.:]|^localhost$", host):
        return "begin it with http:// or https://"
    local = re.search(r":\d+$|^localhost$|^[\d.]+$", host) and not url.lower().startswith("https:")
    return f"write {'http' if local else 'https'}://{host}{path}"


def _key(variable: str | None, origin: str, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """The variable that holds the key, and the key; ("", None) when none is asked for and none is there."""
    if variable is None:
        variable = next((v for v in KEY_VARIABLES if environ.get(v)), "")
        if not variable:
            return "", None
    if environ.get(variable):
        return variable, _checked(environ[variable], f"the API key in {variable}", _key_problems)
    if not _VARIABLE.fullmatch(variable):  # perhaps the key itself was typed here, so it is not repeated
        raise UsageError(f"{origin} must name an environment variable that holds the key, not be the key")
    state = "empty" if variable in environ else "not set"
    raise UsageError(f"{origin}: the environment variable {variable} is {state}; put the API key into it")


def _key_problems(key: str) -> Iterator[str]:
    if key.rstrip("\r\n") != key:
        yield "ends with a line break; set it without (a file read with $(cat FILE) loses it)"
    if key.lower().startswith("bearer "):
        yield 'begins with "Bearer "; leave that word out, it is added when the key is sent'
    if any(c.isspace() for c in key):
        yield "has a blank or line break in it; remove it"
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in key):
        yield "has a control character in it; copy it anew"
    if any(ord(c) > 255 for c in key):
        yield "has a character outside Latin-1 in it, which no header can carry; copy it anew"


def _named(name: str, directory: Path) -> Table:
    found = _configuration(directory)
    if found is None:
        raise UsageError(f"unknown endpoint {name[:80]!r}: there is no conformance.toml here or above; {HOW}")
    origin, endpoints = found
    if name not in endpoints:
        raise UsageError(f"{unknown('endpoint', name, endpoints)}; see [endpoint.NAME] in {origin}")
    return Table(f"{origin}: endpoint.{name}", endpoints[name])


def _known(directory: Path) -> str:
    """The endpoints one could name, as far as the configuration can be read."""
    with suppress(UsageError):
        if (found := _configuration(directory)) and found[1]:
            return f" (known: {', '.join(found[1])})"
    return ""


def _configuration(directory: Path) -> tuple[str, Mapping[str, Any]] | None:
    """The nearest configuration: its file and its endpoints by name. A repository's top ends the search."""
    start = directory.resolve()
    for folder in (start, *start.parents):
        for name, keys in FILES.items():
            shown = relpath(folder / name, start)
            if (folder / name).is_file() and (values := _read(folder / name, shown, keys)) is not None:
                return shown, values.get("endpoint", {})
        if (folder / ".git").exists():
            break
    return None


def _read(file: Path, shown: str, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The checked table at `keys` of a TOML file, or None when it has no such table."""
    values: Any = _parse(file, shown)
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    if values is None:
        return None
    table = f" [{'.'.join(keys)}]" if keys else ""
    if problems := violations("conformance/configuration", values):
        raise UsageError(f"{shown}{table}: {'; '.join(problems)}")
    return cast(dict[str, Any], values)


def _parse(file: Path, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text := file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        said, _, place = str(error).partition(" (at ")
        lines = text.split("\n")  # an error at the very end is told without a place
        line, column = re.findall(r"\d+", place) or (len(lines), len(lines[-1]) + 1)
        raise UsageError(f"{shown}, line {line}, column {column}: not valid TOML: {said}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UsageError(f"{shown}: cannot be read: {reason}") from None
