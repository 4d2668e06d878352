"""The parts of the documents that the program itself knows: lists, tables, what a command prints, an example report.

    python -m tests.documents        writes them anew, those in documents between their markers

A test fails when a document says something else.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from conformance.clients import AGENTS, CLIENTS, PROFILES
from conformance.endpoint.presets import Preset, presets
from conformance.explain.listing import probes_markdown
from conformance.probes.catalogue import catalogue
from conformance.report import json_file
from conformance.report.formats import names, render
from conformance.report.output import RENDERED
from conformance.requirements.areas import AREAS
from conformance.requirements.categories import CATEGORIES
from conformance.requirements.conversation import Depth
from conformance.runner.plan import plan
from conformance.schema import load
from tests.command import ROOT, conformance
from tests.detection.records import FIGURES

DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
REQUIREMENTS = ROOT / "docs" / "probes.md"
# made by: conformance serve --api-key KEY --latency 0.2 --token-gap 0.002 --fault delta-without-index --port 8080
#          conformance run --base-url http://127.0.0.1:8080/v1 --model reference-1 --client roo-code --client kilo-code
EXAMPLE_REPORT = ROOT / "reports" / "example"
BLOCK = re.compile(r"(<!-- begin ([a-z-]+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)
SPOILED = ("demo", "--fault", "delta-without-index", "--output", "report")


def table(head: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in row)} |\n" for row in lines)


def areas() -> str:
    """The areas with their number of requirements, and the question each of them asks."""
    counted = Counter(probe.area for probe in catalogue().values())
    found = [area for area in AREAS if counted[area]]
    asked = {
        area: str(import_module(f"conformance.probes.test_{area}").__doc__).split("\n")[0] for area in found
    }
    rows = [(f"`{area}`", counted[area], asked[area]) for area in found]
    return table(("area", "requirements", "what it is about"), iter([*rows, ("all", counted.total(), "")]))


def depths() -> str:
    """What a run of each depth about the usual clients asks at most."""
    rows = []
    for depth in Depth:
        asked = plan(depth, AGENTS).values()
        sums = (
            sum(c.requests for c in asked),
            sum(c.prompt_tokens for c in asked),
            sum(c.tokens for c in asked),
        )
        rows.append((f"`{depth.name.lower()}`", len(asked), *(f"{n:,}" for n in sums)))
    return table(("depth", "conversations", "requests", "prompt tokens", "answer tokens"), iter(rows))


def clients() -> str:
    """The clients whose point of view counts, and the older profiles that stay selectable."""
    named = [(f"`{c.id}`" if c in CLIENTS else f"`{c.profile}`", c) for c in PROFILES]
    return table(
        ("`--client`", "client", "version", "as of", "speaks HTTP with"),
        ((name, c.name, c.version, c.as_of, c.sdk) for name, c in named),
    )


def headings() -> str:
    """The five troubleshooting headings."""
    return table(("heading", "id"), ((c.heading, f"`{c.id}`") for c in CATEGORIES))


def fields() -> str:
    """What a named endpoint may say."""
    known = load("conformance/configuration")["$defs"]["endpoint"]["properties"]
    return table(
        ("field", "type", "meaning"), ((f"`{k}`", v["type"], v["description"]) for k, v in known.items())
    )


def formats() -> str:
    """The forms a report can be shown in."""
    return ", ".join(f"`{name}`" for name in names()) + "\n"


def providers() -> str:
    """The providers with a preset."""

    def row(preset: Preset) -> tuple[str, ...]:
        asked = re.sub(r"--base-url( https://\S+)?", r"`\g<0>`", preset.instead)
        where = f"`{preset.base_url}`" if preset.base_url else asked
        key = f"`{preset.api_key_env}`" if preset.api_key_env else ""
        known = f"[{preset.name}]({preset.documentation})"
        return f"`{preset.id}`", known, where, key, str(len(preset.deviations)), str(preset.as_of)

    return table(
        ("`--provider`", "provider", "base URL", "key", "documented deviations", "as of"),
        map(row, presets().values()),
    )


def summary() -> str:
    """What a run against a spoiled provider ends with."""
    with tempfile.TemporaryDirectory() as folder:
        ran = conformance(*SPOILED, cwd=Path(folder))
    said = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:40000", ran.out)
    return f"```\n$ conformance {' '.join(SPOILED)}\n{re.sub(r' in [0-9]+ s,', ' in 1 s,', said)}```\n"


def detection() -> str:
    """What the last measurement of detection came to; `nox -s detection` holds that it still does."""
    return f"```\n{FIGURES.read_text('utf-8')}```\n"


PARTS: Mapping[str, Callable[[], str]] = {
    part.__name__: part
    for part in (areas, clients, depths, detection, fields, formats, headings, providers, summary)
}


def marked(document: str) -> dict[str, str]:
    """The marked parts of a document as they stand there."""
    return {found[2]: found[3] for found in BLOCK.finditer(document)}


def rewrite(document: str) -> str:
    """The document with its marked parts as the program tells them now."""
    return BLOCK.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[4]}", document)


def main() -> None:
    """Rewrites every document."""
    for name in DOCUMENTS:
        file = ROOT / name
        file.write_text(rewrite(file.read_text("utf-8")), encoding="utf-8")
        print(f"{name}: {', '.join(marked(file.read_text('utf-8'))) or 'nothing to write'}")
    REQUIREMENTS.write_text(requirements(), encoding="utf-8")
    for name, text in example().items():
        (EXAMPLE_REPORT / name).write_text(text, encoding="utf-8")
        print(f"{EXAMPLE_REPORT.relative_to(ROOT) / name}")


def requirements() -> str:
    """The whole catalogue as a document."""
    return probes_markdown(list(catalogue().values()))


def example() -> dict[str, str]:
    """What the committed report of a run with a fault looks like in the forms that people open."""
    made = json_file.load(EXAMPLE_REPORT / "report.json")
    return {name: render(form, made) for name, form in RENDERED.items() if name != "junit.xml"}


if __name__ == "__main__":
    main()
