"""Each option is said once: the commands, a plain pytest and `action.yml` take what `OPTIONS` says."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance import cli
from conformance.runner.options import OPTIONS, PYTEST, options_of, passed_on
from tests.action import ACTION, action_yml

COMMANDS = [module.__name__.rpartition(".")[2] for module in cli.commands()]
GIVEN = ("--client=cline", "--client=roo-code", "--concurrency=3", "--patience=9.5", "-k=auth or a=b", "--plan")
GATE = ("--fail-on=any", "--require=tool-calling=partial", "--known=k.toml", "--allow-flaky=2", "--baseline=b")


def test_every_option_belongs_to_a_command_that_exists() -> None:
    assert {command for option in OPTIONS for command in option.commands} <= {*COMMANDS, PYTEST}


@pytest.mark.parametrize("command", [*COMMANDS, PYTEST])
def test_a_command_has_each_option_once(command: str) -> None:
    counted = Counter(option.name for option in options_of(command))
    assert [name for name, times in counted.items() if times > 1] == []


def test_a_run_of_several_endpoints_passes_options_on_unchanged() -> None:
    given = [*GIVEN, *GATE, "--depth=quick", "--history=h.db", "--print-settings"]
    options = cli.parser().parse_args(["run", "a", "b", *given])
    assert sorted(passed_on(options)) == sorted(given)
    assert passed_on(cli.parser().parse_args(["run", "a", "b"])) == []


def test_the_short_word_for_a_policy_is_passed_on_as_the_policy() -> None:
    assert passed_on(cli.parser().parse_args(["run", "a", "b", "--strict"])) == ["--fail-on=degraded"]


def test_every_option_of_run_is_passed_on_or_handled_for_all_endpoints() -> None:
    kept = {option.name for option in options_of("run") if not option.several}
    of_one = {"--base-url", "--model", "--provider", "--api-key-env"}
    assert kept == of_one | {"--all", "--at-once", "--per-host", "--output", "--record", "--strict"}


def test_the_action_is_what_the_options_say() -> None:
    assert ACTION.read_text("utf-8") == action_yml(), "run `nox -s documents`"
