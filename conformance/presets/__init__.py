"""What is known beforehand of a provider: where it is, which variable holds its key, what it documents to do otherwise.

Each TOML file beside this one is the preset of one provider, by the id that is its name. A deviation stands there
only when the provider itself documents it, in words of ours, with the address where it says so and the day when it did.
It excuses nothing: a requirement that fails is a finding for the client that feels it, documented or not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent


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

    `api_key_env` is None for a server that takes no key unless it was set up to. `as_of` is when all of it was looked up.
    """

    id: str
    name: str
    documentation: str
    as_of: date
    base_url: str | None = None
    instead: str = ""
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
    return Preset(id=file.stem, deviations=deviations, **told)


def documented(provider: str | None) -> dict[str, dict[str, str]]:
    """What a provider documents about requirements it does not meet, by the id of the probe; {} for none at all."""
    known = presets()[provider].deviations if provider else ()
    return {
        probe: {"what": deviation.what, "source": deviation.source, "as_of": deviation.as_of.isoformat()}
        for deviation in known
        for probe in deviation.probes
    }
