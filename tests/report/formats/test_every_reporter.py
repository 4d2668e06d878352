"""What holds for every format, including one that is added to the folder later."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.report import formats as reporters
from tests.report.formats import examples

EXAMPLES = examples.every_example()
JSON = {"json", "jsonl", "shields"}


def test_formats_are_found_by_walking_the_folder() -> None:
    assert {"badge", "bugs", "csv", "github", "html", "json", "jsonl", "junit", "markdown", "terminal"} <= set(
        reporters.names()
    )
    assert not [name for name in reporters.names() if name.startswith("_")]


@pytest.mark.parametrize("name", reporters.names())
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_report_renders_to_utf8_and_the_same_each_time(name: str, example: str) -> None:
    text = reporters.render(name, EXAMPLES[example])
    text.encode("utf-8")
    assert text == reporters.render(name, EXAMPLES[example])
    assert text.endswith("\n")


@pytest.mark.parametrize("name", reporters.names())
def test_lone_surrogates_in_a_report_from_elsewhere_raise_nothing(name: str) -> None:
    reporters.render(name, _poisoned(EXAMPLES["failing"])).encode("utf-8")


def _poisoned(value: Any, key: str = "") -> Any:
    """The report with a lone surrogate in every free text."""
    if isinstance(value, dict):
        return {k: _poisoned(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_poisoned(v, key) for v in value]
    free = (
        "actual",
        "reason",
        "summary",
        "model",
        "base_url",
        "body",
        "remedy",
        "requirement",
        "failure",
        "detail",
        "headers",
    )
    return f"{value}\udfff" if isinstance(value, str) and key in free else value


@pytest.mark.parametrize("name", sorted(set(reporters.names()) - JSON))
def test_no_control_character_of_a_provider_gets_through(name: str) -> None:
    """JSON has escapes for them; all other formats spell them out."""
    text = reporters.render(name, EXAMPLES["hostile"])
    assert not [c for c in text if not c.isprintable() and c != "\n"]
    assert "\\x1b[31m" in text


def test_json_formats_escape_control_characters() -> None:
    for name in JSON:
        assert not [c for c in reporters.render(name, EXAMPLES["hostile"]) if c < " " and c != "\n"]


def test_an_unknown_format_is_refused_with_a_list_of_the_known() -> None:
    with pytest.raises(UsageError, match="unknown format 'pdf': use one of badge, bugs, csv"):
        reporters.render("pdf", EXAMPLES["working"])
