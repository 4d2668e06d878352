"""What agents send in their own turns: the system prompt, the task, the file that is read, and results."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

SYSTEM = """You are a coding agent in an editor. You help one person with the files of one workspace.

RULES
- You act only by calling the tools that you are given, never by describing a call in words, XML or Markdown.
- Every answer of yours contains at least one call. When the task is done, call the tool that completes it.
- Give every argument a tool declares. Write null only where its description allows it.
- Take file contents as they are: quotes "like these", \\backslashes, tabs and <tags> belong to the code.
- Read before you write. Change nothing that the task does not ask for. Show changes as SEARCH/REPLACE blocks:
<<<<<<< SEARCH
old
=======
new
>>>>>>> REPLACE
- Paths are relative to the workspace. The person sees what you do, so keep words between calls short.

MODES
- code: you write and change files. ask: you answer questions. architect: you plan and write Markdown only.

SYSTEM INFORMATION
Operating system: Linux. Default shell: /bin/bash. Workspace: /workspace/lighthouse. Language of the person: English.
"""
TASK = "Find out what src/server.py does when a connection is lost. Read the file forty lines at a time."
ENVIRONMENT = """<environment_details>
# Files of the workspace
README.md
src/server.py
src/client.py
# Open tabs
src/server.py
# Mode
code
</environment_details>"""
NO_TOOL_USED = "[ERROR] Your last answer contained no call of a tool. Go on with the task, and call one this time."
LINES, SHOWN = 120, 40
BLOCK = {"anchor_line": 1, "max_levels": 0, "include_siblings": False, "include_header": False, "max_lines": SHOWN}
READS: list[dict[str, Any]] = [  # all members are present, because some clients declare all of them required
    {"path": "src/server.py", "start_line": start, "end_line": start + SHOWN - 1, "mode": "slice", "indentation": BLOCK}
    for start in range(1, LINES, SHOWN)
]


def request_for(arguments: Mapping[str, Any]) -> str:
    """The user asks for one call with exactly these arguments."""
    return f"Call the tool read_file with exactly these arguments: {compact(arguments)}"


def compact(value: Any) -> str:
    """A value as JSON without blanks, as JavaScript writes it."""
    return json.dumps(value, separators=(",", ":"))


FINISH = (
    "That is all of it. Call the tool attempt_completion with exactly these arguments: "
    '{"result":"A lost connection is logged, and opened again after a while."}'
)


@cache
def file_lines() -> tuple[str, ...]:
    """The file that is read, line by line."""
    shape = (
        "async def attempt_{n}(link: Link) -> None:",
        '    """Opens the link again when it was lost; attempt {n} waits {w} s."""',
        "    try:",
        '        await link.open(timeout={w})  # <tags>, "quotes" and \\n stay as they are',
        "    except ConnectionLost as lost:",
        "\tlog.warning('lost %s: %r', link.name, lost)",
        "",
        "",
    )
    return tuple(line.format(n=n // 8 + 1, w=2 * (n // 8 + 1)) for n in range(LINES) for line in [shape[n % 8]])


def excerpt_of(arguments: Mapping[str, Any]) -> str:
    """What the tool read_file returns: numbered lines, and how to read on if there are more."""
    start, end = (arguments.get(name) for name in ("start_line", "end_line"))
    first = min(max(start, 1), LINES) if type(start) is int else 1
    last = min(max(end if type(end) is int else first + SHOWN - 1, first), LINES, first + SHOWN - 1)
    shown = "\n".join(f"{n:>3} | {file_lines()[n - 1]}" for n in range(first, last + 1))
    more = f"\n(truncated: lines {first}-{last} of {LINES}; give start_line {last + 1} to read on)"
    return f"src/server.py\n{shown}{more if last < LINES else f'{chr(10)}(end of file, {LINES} lines)'}"


@cache
def picture() -> str:
    """A picture as a data URL of more than a megabyte: blue, with noise that does not compress."""
    width = height = 640
    noise = Random("conformance").randbytes(3 * width * height).translate(bytes(value % 64 for value in range(256)))
    pixels = bytearray(noise)
    pixels[2::3] = bytes(192 + value for value in noise[2::3])
    return png(width, height, bytes(pixels))


def png(width: int, height: int, pixels: bytes) -> str:
    """A PNG as a data URL; `pixels` are three bytes each, red, green and blue, row by row from the top."""
    rows = b"".join(b"\0" + pixels[3 * width * row : 3 * width * (row + 1)] for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
