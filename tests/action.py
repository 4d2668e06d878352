"""Writes `action.yml`: its inputs and the arguments of its script are made from the options of the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from conformance.runner.option import Option
from conformance.runner.options import PYTEST, options_of
from tests.command import ROOT

ACTION = ROOT / "action.yml"
INPUTS = [option for option in options_of(PYTEST) if option.action]  # those that describe one run
DEFAULTS = {"output": "conformance-report"}  # of inputs, where the action has its own
BLOCK = re.compile(r"( *)# begin ([a-z]+)\n.*?( *# end \2\n)", re.DOTALL)


def action_yml() -> str:
    """`action.yml`, its marked blocks made from the options."""

    def filled(found: re.Match[str]) -> str:
        indent, name, end = found.groups()
        lines = [f"{indent}{line}\n" for option in INPUTS for line in BLOCKS[name](option)]
        return f"{indent}# begin {name}\n{''.join(lines)}{end}"

    return BLOCK.sub(filled, ACTION.read_text("utf-8"))


def _input(option: Option) -> Iterator[str]:
    often = ", one per line" if option.repeatable else ""
    default = DEFAULTS.get(option.action, "" if option.repeatable else option.otherwise)
    choices = f": {', '.join(option.value.choices)}" if option.value and option.value.choices else ""
    yield f"{option.action}:"
    yield f"  description: {json.dumps(f'{option.help[0].upper()}{option.help[1:]}{choices}{often}.')}"
    yield f"  default: {json.dumps(default)}"


def _variable(option: Option) -> str:
    return option.action.upper().replace("-", "_")


def _env(option: Option) -> Iterator[str]:
    yield f"{_variable(option)}: ${{{{ inputs.{option.action} }}}}"


def _argument(option: Option) -> Iterator[str]:
    if "run" in option.commands:
        yield f'{"each" if option.repeatable else "given"} {option.name} "${_variable(option)}"'


BLOCKS: Mapping[str, Callable[[Option], Iterator[str]]] = {"inputs": _input, "env": _env, "arguments": _argument}
