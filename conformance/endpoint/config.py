"""The endpoint's settings from flags, named tables of a configuration file, presets, and the key from the environment.

Every mistake of a user becomes one line that says what is wrong and how to fix it; no line ever contains a key.
URLs are joined by hand: libraries normalize some URLs that servers treat as different.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from os.path import relpath
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from conformance.endpoint.input_checks import key_problems, model_problems, split_url, url_problems
from conformance.endpoint.presets import Preset, presets
from conformance.errors import UsageError, unknown
from conformance.schema import violations

KEY_VARIABLES = ("CONFORMANCE_API_KEY", "OPENAI_API_KEY")
FILES: dict[str, tuple[str, ...]] = {"conformance.toml": (), "pyproject.toml": ("tool", "conformance")}
HOW = (
    "give --base-url URL --model ID, or --provider NAME --model ID, "
    "or the NAME of a table [endpoint.NAME] in conformance.toml"
)

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*|[A-Za-z_][A-Za-z0-9_]{0,15}")
_FULL = re.compile(r"/chat(/completions)?/?\Z")


@dataclass(frozen=True)
class Endpoint:
    """The settings that a user types into Roo Code or Kilo Code. Prices are US dollars per million tokens.

    `api_key_env` is the variable that had the key, "" without a key. `provider` is the id of the preset.
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
    provider: str | None = None

    def __post_init__(self) -> None:
        """Freezes the headers and gives the endpoint a name."""
        object.__setattr__(self, "headers", MappingProxyType(dict(self.headers)))
        object.__setattr__(self, "name", self.name or slug(self.base_url))

    def __reduce__(self) -> tuple[Callable[[], Endpoint], tuple[()]]:
        """Pickles an endpoint for another process, which its read-only headers would prevent."""
        return partial(Endpoint, **{**vars(self), "headers": dict(self.headers)}), ()

    @property
    def base(self) -> str:
        """The URL that paths are appended to: the base URL without query, trailing slash, or a full endpoint's path."""
        root, path, _ = split_url(self.base_url)
        full = _FULL.search(path)
        return root + (path[: full.start()] if full else path.removesuffix("/"))

    @property
    def chat_url(self) -> str:
        """The URL for chat completions; a full endpoint URL is used as typed, without a trailing slash."""
        root, path, query = split_url(self.base_url)
        full = root + path.removesuffix("/") + self._with_version(query)
        return full if _FULL.search(path) else self.url("/chat/completions")

    @property
    def models_url(self) -> str | None:
        """The URL of the model list; None for a full endpoint URL that ends in `/chat`, where it is unknown."""
        full = _FULL.search(split_url(self.base_url)[1])
        return None if full and not full[1] else self.url("/models")

    def url(self, path: str) -> str:
        """The base with this path, and the query of the base URL at the end."""
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


def slug(base_url: str) -> str:
    """The host and port of a URL as the name of a folder."""
    host = split_url(base_url)[0].split("://")[-1].split("@")[-1]
    return re.sub(r"[^a-z0-9.]+", "-", host.lower()).strip("-.") or "endpoint"


@dataclass(frozen=True)
class Table:
    """The settings of one named endpoint, the name of their table for messages, and the preset for missing ones."""

    origin: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    preset: Preset | None = None

    def choose(self, key: str, flag: str | None) -> tuple[str | None, str]:
        """The value of a setting and its source: the flag wins, then the table, then the preset."""
        if flag is not None:
            return flag, f"--{key.replace('_', '-')}"
        if self.preset and key not in self.values:
            return self.preset.settings.get(key), f"provider {self.preset.id}"
        return self.values.get(key), f"{self.origin}.{key}"

    def with_preset(self, flag: str | None) -> Table:
        """The table with the preset of the provider that the flag or the table names; raises UsageError."""
        name, origin = self.choose("provider", flag)
        return self if name is None else replace(self, preset=preset_of(name, origin))


def preset_of(name: str, origin: str = "") -> Preset:
    """The preset of the provider with that id; raises UsageError."""
    if name not in presets():
        where = f"{origin}: " if origin else ""
        raise UsageError(f"{where}{unknown('provider', name, presets())}; `conformance providers` lists them")
    return presets()[name]


def find_endpoint(
    name: str | None,
    *,
    base_url: str | None = None,
    model: str | None = None,
    api_key_env: str | None = None,
    provider: str | None = None,
    directory: Path,
    environ: Mapping[str, str],
) -> Endpoint:
    """The endpoint from these settings; `None` for a missing flag. Flags win over the named table, the table over presets.

    With a preset, only the key of the variable that the preset, the table or the flag names is sent: a key for another
    provider is never sent.
    """
    table = (_named(name, directory) if name else Table()).with_preset(provider)
    if not name and base_url is None and not table.preset:
        raise UsageError(f"no endpoint: {HOW}{_known(directory)}")
    where = _checked(*_required(table, "base_url", base_url), url_problems)
    which = _checked(*_required(table, "model", model), model_problems)
    defaults = () if table.preset else KEY_VARIABLES
    variable, key = _key(*table.choose("api_key_env", api_key_env), environ, defaults)
    rest = {k: v for k, v in table.values.items() if k not in ("base_url", "model", "api_key_env")}
    known = {"provider": table.preset.id} if table.preset else {}
    return Endpoint(where, which, name or slug(where), key, variable, **(rest | known))


def _required(table: Table, key: str, flag: str | None) -> tuple[str, str]:
    """A required setting, and its name in messages."""
    value, origin = table.choose(key, flag)
    what, option = {"base_url": ("base URL", "--base-url URL"), "model": ("model id", "--model ID")}[key]
    if value is None and table.preset and key == "base_url":
        raise UsageError(f"{origin}: {table.preset.instead}")
    if value is None and table.origin:
        raise UsageError(f"{table.origin} has no {key}: add it there, or give {option}")
    if value is None or not value.strip():
        raise UsageError(f"no {what}: give {option}{'' if value is None else f' ({origin} is empty)'}")
    return value, f"{origin}: the {what}"


def _checked(value: str, what: str, problems: Callable[[str], Iterator[str]]) -> str:
    """The value itself; raises its first problem as UsageError."""
    for problem in problems(value):
        raise UsageError(f"{what} {problem}")
    return value


def _key(
    variable: str | None, origin: str, environ: Mapping[str, str], defaults: Iterable[str]
) -> tuple[str, str | None]:
    """The variable that has the key, and the key; ("", None) when none is named and no default is set."""
    if variable is None:
        variable = next((v for v in defaults if environ.get(v)), "")
        if not variable:
            return "", None
    if environ.get(variable):
        return variable, _checked(environ[variable], f"the API key in {variable}", key_problems)
    if not _VARIABLE.fullmatch(variable):  # this may be the key itself, so it is not repeated
        raise UsageError(f"{origin} must be the name of an environment variable, not the key itself")
    state = "empty" if variable in environ else "not set"
    raise UsageError(f"{origin}: the environment variable {variable} is {state}; put the API key into it")


def _named(name: str, directory: Path) -> Table:
    found = _configuration(directory)
    if found is None:
        raise UsageError(f"unknown endpoint {name[:80]!r}: there is no conformance.toml here or above; {HOW}")
    origin, endpoints = found
    if name not in endpoints:
        raise UsageError(f"{unknown('endpoint', name, endpoints)}; see [endpoint.NAME] in {origin}")
    return Table(f"{origin}: endpoint.{name}", endpoints[name])


def endpoint_names(directory: Path) -> list[str]:
    """The names of all endpoints of the nearest configuration; raises UsageError."""
    found = _configuration(directory)
    if not found or not found[1]:
        raise UsageError("no named endpoints: add tables [endpoint.NAME] to conformance.toml")
    return list(found[1])


def _known(directory: Path) -> str:
    """The names of known endpoints, for a message; "" when the configuration cannot be read."""
    with suppress(UsageError):
        if (found := _configuration(directory)) and found[1]:
            return f" (known: {', '.join(found[1])})"
    return ""


def _configuration(directory: Path) -> tuple[str, Mapping[str, Any]] | None:
    """The nearest configuration: its file and its endpoints by name. The search ends at the top of a repository."""
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
        lines = text.split("\n")  # an error at the very end has no place
        line, column = re.findall(r"\d+", place) or (len(lines), len(lines[-1]) + 1)
        raise UsageError(f"{shown}, line {line}, column {column}: not valid TOML: {said}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UsageError(f"{shown}: cannot be read: {reason}") from None
