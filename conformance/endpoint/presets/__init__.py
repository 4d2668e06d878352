"""Presets of providers: base URL, the variable with the API key, and documented deviations.

Each TOML file in this folder is the preset of one provider; the file's name is the provider's id. A deviation is listed
only when the provider documents it, with the address of its documentation and the date of the look-up. It excuses
nothing: a failed requirement counts for the clients that it affects, documented or not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

FOLDER = Path(__file__).parent
HERE = ("127.0.0.1", "localhost", "::1", "")  # hosts of any local server


@dataclass(frozen=True)
class Deviation:
    """A documented deviation of a provider from the requirements `probes` (ids)."""

    probes: tuple[str, ...]
    what: str
    source: str
    as_of: date


@dataclass(frozen=True)
class Preset:
    """One provider. Without a `base_url`, `instead` says why and what to give.

    `hosts` are further hosts of the provider; one that begins with a dot means all its subdomains. `api_key_env` is
    None for a server that needs no key by default. `as_of` is the date of the look-up.
    """

    id: str
    name: str
    documentation: str
    as_of: date
    base_url: str | None = None
    instead: str = ""
    hosts: tuple[str, ...] = ()
    api_key_env: str | None = None
    deviations: tuple[Deviation, ...] = ()

    @property
    def settings(self) -> Mapping[str, str | None]:
        """Values for missing settings."""
        return {"base_url": self.base_url, "api_key_env": self.api_key_env}


@cache
def presets() -> Mapping[str, Preset]:
    """Every preset, by its id."""
    return MappingProxyType({file.stem: _read(file) for file in sorted(FOLDER.glob("*.toml"))})


def _read(file: Path) -> Preset:
    values = tomllib.loads(file.read_text("utf-8"))
    deviations = tuple(
        Deviation(**{**deviation, "probes": tuple(deviation["probes"])}) for deviation in values.pop("deviations", ())
    )
    return Preset(id=file.stem, deviations=deviations, hosts=tuple(values.pop("hosts", ())), **values)


def _host(url: str) -> str:
    """The host of a URL in lower case; "" when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def provider_at(urls: Iterable[str]) -> str | None:
    """The id of the one provider of all these URLs; None for several, unknown ones, or this machine."""
    found = {_at(_host(url)) for url in urls}
    return found.pop() if len(found) == 1 else None


def _at(host: str) -> str | None:
    for preset in presets().values():
        known = (*preset.hosts, _host(preset.base_url or ""))
        if host not in HERE and any(host == one or (one[:1] == "." and host.endswith(one)) for one in known):
            return preset.id
    return None


def documented(provider: str | None) -> dict[str, dict[str, str]]:
    """A provider's documented deviations, by probe id; {} without a provider."""
    known = presets()[provider].deviations if provider else ()
    return {
        probe: {"what": deviation.what, "source": deviation.source, "as_of": deviation.as_of.isoformat()}
        for deviation in known
        for probe in deviation.probes
    }
