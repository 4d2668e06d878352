"""What an option of the command line is, and how argparse and pytest are given it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """What an option takes: its name in the help and how it is read, or the words that it may be."""

    metavar: str = ""
    read: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """One option, for the commands that have it with the same meaning.

    Without a `value` it is a switch, which stores `const`; with both, the value may be left out. `shown` is the default
    in words, where the default itself says too little. `several`: a run of several endpoints passes it on to each.
    `action` is the name of its input in `action.yml`, "" when it has none.
    """

    name: str
    help: str
    commands: tuple[str, ...]
    value: Value | None = None
    default: Any = None
    shown: str = ""
    repeatable: bool = False
    required: bool = False
    dest: str = ""
    const: Any = None
    several: bool = False
    action: str = ""

    @property
    def key(self) -> str:
        """The name of its value among parsed options."""
        return self.dest or self.name.lstrip("-").replace("-", "_")

    @property
    def otherwise(self) -> str:
        """What is used without it, in words; "" when that goes without saying."""
        if self.shown or self.value is None or self.default is None:
            return self.shown
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default or "")

    @property
    def described(self) -> str:
        """Its help, with what applies without it."""
        often = "; repeatable" if self.repeatable else ""
        return f"{self.help}{often}" + (f" (default: {self.otherwise})" if self.otherwise else "")

    def arguments(self) -> dict[str, Any]:
        """The keywords with which argparse and pytest add it."""
        given: dict[str, Any] = {"dest": self.key, "help": self.described, "default": self.default}
        if self.value is None:
            return given | {"action": "store_const", "const": self.const}
        value = self.value
        given |= {"type": value.read, "choices": value.choices or None, "metavar": value.metavar or None}
        if self.repeatable:
            return given | {"action": "append", "default": []}
        if self.const:
            return given | {"nargs": "?", "const": self.const}
        return given | ({"required": True} if self.required else {})


def switch(name: str, about: str, *commands: str, several: bool = False) -> Option:
    """An option without a value."""
    return Option(name, about, commands, default=False, const=True, several=several)
