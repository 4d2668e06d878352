"""Writes the parts of the documents that the program itself knows: tables, lists, a command's output, the example report.

    python -m tests.documents        rewrites every marked part, and the example report

A part is what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. A test fails when one is out of date.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from conformance import cli
from conformance.clients import AGENTS, CLIENTS, PROFILES
from conformance.endpoint.presets import Preset, presets
from conformance.exit_codes import MEANING
from conformance.explain.listing import probes_markdown
from conformance.probes.catalogue import catalogue
from conformance.report.formats import names
from conformance.requirements import CATEGORIES
from conformance.requirements.areas import AREAS
from conformance.requirements.conversation import Depth, most_requests
from conformance.runner.plan import plan
from conformance.schema import load
from conformance.traffic.files import known_formats
from tests import example_report
from tests.action import ACTION, action_yml
from tests.command import ROOT, conformance
from tests.detection.records import FIGURES
from tests.detection.unseen_defects import FIRST

DOCUMENTS = tuple(
    file.relative_to(ROOT).as_posix() for file in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
BLOCK = re.compile(r"(<!-- begin ([a-z-]+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)
WIDTH = 120  # characters of a line
DEFECTIVE = ("demo", "--fault", "delta-without-index", "--output", "report")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in row)} |\n" for row in lines)


def listed(items: Iterable[str]) -> str:
    """A Markdown list."""
    return "".join(f"- {item}\n" for item in items)


def linked(sources: Iterable[str]) -> str:
    """Sources side by side; those that are addresses as links."""
    return " · ".join(f"<{source}>" if "://" in source else source for source in sources)


def about(module: str) -> str:
    """The first line of a module's docstring."""
    return str(import_module(module).__doc__).split("\n")[0].removesuffix(" Pure.")


def areas() -> str:
    """The areas, with the number of requirements and what they are about."""
    counted = Counter(probe.area for probe in catalogue().values())
    rows = [(f"`{area}`", counted[area], about(f"conformance.probes.test_{area}")) for area in AREAS]
    return table(("area", "requirements", "what it is about"), [*rows, ("all", counted.total(), "")])


def depths() -> str:
    """The most that a run of each depth for the default clients sends."""
    return table(("depth", "conversations", "requests", "prompt tokens", "answer tokens"), map(_depth, Depth))


def _depth(depth: Depth) -> tuple[object, ...]:
    asked = plan(depth, AGENTS).values()
    most = (most_requests(asked), sum(c.prompt_tokens for c in asked), sum(c.tokens for c in asked))
    return (f"`{depth.name.lower()}`", len(asked), *(f"{n:,}" for n in most))


def clients() -> str:
    """The clients, and the older profiles that can still be chosen."""
    ids = [(c.id if c in CLIENTS else c.profile, c) for c in PROFILES]
    head = ("`--client`", "client", "version", "as of", "speaks HTTP with")
    return table(head, ((f"`{id}`", c.name, c.version, c.as_of, c.sdk) for id, c in ids))


def client_sources() -> str:
    """Where the knowledge about each client comes from."""
    return listed(f"{c.name} {c.version}: {linked(c.sources)}" for c in PROFILES)


def headings() -> str:
    """The troubleshooting headings."""
    return table(("heading", "id"), ((c.heading, f"`{c.id}`") for c in CATEGORIES))


def exit_codes() -> str:
    """The exit codes."""
    return table(("code", "meaning"), ((int(code), meaning) for code, meaning in MEANING.items()))


def fields() -> str:
    """The fields of a named endpoint."""
    return _fields(load("conformance/configuration")["$defs"]["endpoint"])


def accepted_failures() -> str:
    """The fields of an accepted failure."""
    return _fields(load("conformance/known")["$defs"]["deviation"])


def _fields(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    return listed(
        f"`{name}` ({field.get('type', 'string')}{', required' if name in required else ''}): {field['description']}"
        for name, field in schema["properties"].items()
    )


def formats() -> str:
    """The formats of a report."""
    return listed(f"`{name}`: {about(f'conformance.report.formats.{name}')}" for name in names())


def recorded_formats() -> str:
    """The formats of recorded traffic."""
    return listed(about(module.__name__) for module in known_formats() if module.DESCRIPTION)


def providers() -> str:
    """The providers with a preset."""
    return "\n".join(map(_provider, presets().values()))


def _provider(preset: Preset) -> str:
    facts = {
        "base URL": f"`{preset.base_url}`" if preset.base_url else preset.instead,
        "variable of the key": f"`{preset.api_key_env}`" if preset.api_key_env else "none",
        "documentation": f"<{preset.documentation}> (as of {preset.as_of})",
    }
    deviations = "".join(
        f"  - {', '.join(f'`{probe}`' for probe in d.probes)}: {d.what} <{d.source}> (as of {d.as_of})\n"
        for d in preset.deviations
    )
    documented = f"- documented deviations:\n{deviations}" if deviations else ""
    return f"## `{preset.id}`: {preset.name}\n\n{listed(map(': '.join, facts.items()))}{documented}"


def subcommands() -> dict[str, argparse.ArgumentParser]:
    """The commands with their parsers."""
    return dict(_verbs().choices)


def _verbs() -> Any:
    return cli.parser()._subparsers._group_actions[0]  # type: ignore[union-attr]


def options() -> str:
    """Every command with its options."""
    about_command = {choice.dest: choice.help for choice in _verbs()._choices_actions}
    return "\n".join(
        f"## `conformance {name}`\n\n{_sentence(about_command[name])}\n\n{listed(_options(parser))}"
        for name, parser in subcommands().items()
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.dest != "help":
            yield f"`{_typed(action)}`{f': {action.help}' if action.help else ''}"


def _typed(action: argparse.Action) -> str:
    """An option as it is typed: its names and its value."""
    choices = f"{{{','.join(map(str, action.choices))}}}" if action.choices else ""
    value = "" if action.nargs == 0 else str(action.metavar or choices or action.dest.upper())
    return " ".join(filter(None, (", ".join(action.option_strings), value)))


def requirements() -> str:
    """The whole catalogue."""
    return probes_markdown(list(catalogue().values())).removeprefix("# Requirements\n\n")


def summary() -> str:
    """What a run against a defective provider prints."""
    with tempfile.TemporaryDirectory() as folder:
        ran = conformance(*DEFECTIVE, cwd=Path(folder))
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:40000", ran.out)
    return f"```\n$ conformance {' '.join(DEFECTIVE)}\n{re.sub(r' in [0-9]+ s,', ' in 1 s,', printed)}```\n"


def detection() -> str:
    """The last measurement of detection; `nox -s detection` checks it."""
    return f"```\n{FIGURES.read_text('utf-8')}{FIRST.read_text('utf-8')}```\n"


PARTS: Mapping[str, Callable[[], str]] = {
    part.__name__.replace("_", "-"): part
    for part in (
        accepted_failures, areas, client_sources, clients, depths, detection, exit_codes, fields, formats, headings,
        options, providers, recorded_formats, requirements, summary,
    )
}  # fmt: skip


def wrapped(text: str) -> str:
    """The text with lines of at most `WIDTH` characters; tables and code stay as they are."""
    if text.startswith(("```", "|")):
        return text
    return "".join(f"{_wrapped_line(line)}\n" for line in text.splitlines())


def _wrapped_line(line: str) -> str:
    mark = re.match(r" *(?:- )?", line)
    indent = " " * len(mark[0]) if mark else ""
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def part(name: str) -> str:
    """A marked part as the program says it now."""
    return wrapped(PARTS[name]())


def marked(document: str) -> dict[str, str]:
    """The marked parts of a document as they are there."""
    return {found[2]: found[3] for found in BLOCK.finditer(document)}


def written(document: str) -> str:
    """What people wrote in a document: all but its marked parts."""
    return BLOCK.sub("", document)


def rewrite(document: str) -> str:
    """The document with its marked parts brought up to date."""
    return BLOCK.sub(lambda found: f"{found[1]}{part(found[2])}{found[4]}", document)


def main() -> None:
    """Rewrites every document."""
    files = {ROOT / name: rewrite((ROOT / name).read_text("utf-8")) for name in DOCUMENTS}
    files[ACTION] = action_yml()
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
    example_report.main()


if __name__ == "__main__":
    main()
