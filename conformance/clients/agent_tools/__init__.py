"""The tools that a coding agent offers with every request, in their real shape and size.

Names and shapes are those of the agents' own tools (Roo Code 3.52.1, src/core/prompts/tools/native-tools); the words are
original. Some descriptions take several kilobytes, hold markup and line breaks, and one parameter is an object in an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.clients.agent_tools import bridged, edit_files, inspect_files, run_commands, steer_task
from conformance.clients.agent_tools.parameters import record, text
from conformance.clients.talk import Tool

TOOLS: tuple[Tool, ...] = (
    *inspect_files.TOOLS,
    *edit_files.TOOLS,
    *run_commands.TOOLS,
    *steer_task.TOOLS,
    *bridged.TOOLS,
)


def _read_file(required: tuple[str, ...], **line: Any) -> Tool:
    """A small read_file whose two numbers of lines are declared as `line`."""
    first, last = ({**line, "description": f"{which} line to return"} for which in ("First", "Last"))
    members = record(required, path=text("File to read"), start_line=first, end_line=last)
    return Tool("read_file", "Reads a file of the workspace, or the lines of it that are named.", members)


_ALL = ("path", "start_line", "end_line")

NULLABLE_WAYS: Mapping[str, Tool] = {  # how authors declare that a number is optional, by the name of the form
    "type array": _read_file(_ALL, type=["integer", "null"]),
    "anyOf": _read_file(_ALL, anyOf=[{"type": "integer"}, {"type": "null"}]),
    "nullable": _read_file(_ALL, type="integer", nullable=True),
    "not required": _read_file(("path",), type="integer"),
}
