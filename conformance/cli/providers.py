"""`conformance providers`: lists the providers with a preset, or shows one."""

from __future__ import annotations

import argparse
from typing import Any

from conformance.endpoint.config import preset_of
from conformance.endpoint.presets import Preset, presets
from conformance.exit_codes import ExitCode
from conformance.runner.command_line import add_command


def add(parsers: Any) -> None:
    """Adds the command."""
    parser = add_command(parsers, "providers", run, "list the providers that have a preset, or show one")
    parser.add_argument("provider", nargs="?", metavar="NAME", help="show what this provider documents")


def run(options: argparse.Namespace) -> int:
    """Lists the providers, or shows the one that is named."""
    print(provider_text(options.provider) if options.provider else providers_text())
    return ExitCode.OK


def providers_text() -> str:
    """One line for each provider: base URL, variable of the key, number of documented deviations."""
    head = ("provider", "base URL", "key variable", "deviations", "as of")
    rows = [head, *map(_row, presets().values())]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", f"{len(presets())} providers; `conformance providers NAME` shows one"])


def _row(preset: Preset) -> tuple[str, ...]:
    where = preset.base_url or "(give --base-url)"
    return preset.id, where, preset.api_key_env or "-", str(len(preset.deviations)), str(preset.as_of)


def provider_text(id: str) -> str:
    """One preset: what it fills in, and which deviations the provider documents."""
    preset = preset_of(id)
    lines = [
        f"{preset.id}: {preset.name}, as of {preset.as_of}",
        f"Base URL: {preset.base_url or f'none, {preset.instead}'}",
        f"Key variable: {preset.api_key_env or 'none'}",
        f"Documentation: {preset.documentation}",
    ]
    for one in preset.deviations:
        lines += ["", f"{', '.join(one.probes)}\n  {one.what}\n  {one.source} (as of {one.as_of})"]
    return "\n".join(lines)
