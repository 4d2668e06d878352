"""What is known beforehand of a provider: where it is, which variable holds its key, what it documents to do otherwise.

Each TOML file beside this one is the preset of one provider, by the id that is its name. A deviation stands there
only when the provider itself documents it, in words of ours, with the address where it says so and the day when it did.
It excuses nothing: a requirement that fails is a finding for the client that feels it, documented or not.
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
HERE = ("127.0.0.1", "localhost", "::1", "")  # where any server may stand


@dataclass(frozen=True)
class Deviation:
    """What a provider documents to do otherwise than the requirements `probes` (their ids) ask for."""

    probes: tuple[str, ...]
    what: str
    source: str
    as_of: date


@dataclass(frozen=True)
class Preset:
    """One provider. Without a `base_url` of its own, `instead` says why and what to give.

    `hosts` are those it answers at beside that of `base_url`; one that begins with a dot stands for all below it. `api_key_env` is None for a server that takes no key unless it was set up to. `as_of` is when all of it was looked up.
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
        """What stands in for settings that were not given."""
        return {"base_url": self.base_url, "api_key_env": self.api_key_env}


@cache
def presets() -> Mapping[str, Preset]:
    """Every preset, by its id."""
    return MappingProxyType({file.stem: _read(file) for file in sorted(FOLDER.glob("*.toml"))})


def _read(file: Path) -> Preset:
    told = tomllib.loads(file.read_text("utf-8"))
    deviations = tuple(
        Deviation(**{**deviation, "probes": tuple(deviation["probes"])})
        for deviation in told.pop("deviations", ())
    )
    return Preset(id=file.stem, deviations=deviations, hosts=tuple(told.pop("hosts", ())), **told)


def _host(url: str) -> str:
    """The host of a URL in lower case; "" when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def provider_at(urls: Iterable[str]) -> str | None:
    """The id of the one provider that all these URLs are of; None for several, none that is known, or this machine."""
    found = {_at(_host(url)) for url in urls}
    return found.pop() if len(found) == 1 else None


def _at(host: str) -> str | None:
    for preset in presets().values():
        known = (*preset.hosts, _host(preset.base_url or ""))
        if host not in HERE and any(host == one or (one[:1] == "." and host.endswith(one)) for one in known):
            return preset.id
    return None


def documented(provider: str | None) -> dict[str, dict[str, str]]:
    """What a provider documents about requirements it does not meet, by the id of the probe; {} for none at all."""
    known = presets()[provider].deviations if provider else ()
    return {
        probe: {"what": deviation.what, "source": deviation.source, "as_of": deviation.as_of.isoformat()}
        for deviation in known
        for probe in deviation.probes
    }
