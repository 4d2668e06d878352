"""The tools that conversations offer, in the shapes agents send them, and the texts they ask to have repeated."""

from __future__ import annotations

import json
from typing import Any

from conformance.evidence.exchange import Request, parse_json

Tool = dict[str, Any]


def function(name: str, description: str | None = None, parameters: Any = None, **more: Any) -> Tool:
    """One function tool, without members that are None."""
    given = {"name": name, "description": description, "parameters": parameters, **more}
    return {"type": "function", "function": {k: v for k, v in given.items() if v is not None}}


def schema(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An object schema in the strict form: everything required, nothing else allowed."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    } | more


TEXT: dict[str, Any] = {"type": "string"}

READ_FILE = function(
    "read_file",
    "Read a file of the workspace and return its contents with line numbers.",
    schema(
        {
            "path": {"type": "string", "description": "Path of the file, relative to the workspace"},
            "limit": {"type": "integer", "description": "How many lines to return at most", "minimum": 1},
        }
    ),
)
GET_WEATHER = function("get_weather", "Get the weather of a city.", schema({"city": TEXT}))
GET_TIME = function("get_current_time", "Get the current time.", schema({}))
WRITE_FILE = function("write_to_file", "Write a file of the workspace.", schema({"path": TEXT, "content": TEXT}))
AGENT_TOOLS = [
    READ_FILE | {"function": READ_FILE["function"] | {"strict": True}},
    WRITE_FILE | {"function": WRITE_FILE["function"] | {"strict": True}},
    function(
        "list_files",
        "List the files of a folder of the workspace.",
        schema({"folder": TEXT, "recursive": {"type": "boolean"}}),
        strict=True,
    ),
    function(
        "ask_followup_question",
        "Ask the person a question and suggest answers.",
        schema(
            {
                "question": TEXT,
                "follow_up": {
                    "type": "array",
                    "minItems": 2,
                    "maxItems": 4,
                    "items": schema({"text": TEXT, "mode": {"type": "string", "enum": ["code", "ask", "architect"]}}),
                },
            }
        ),
        strict=True,
    ),
    function("mcp--tracker--create-issue", None, {"type": "object", "properties": {"title": TEXT}}, strict=False),
]
NULLABLE = function(
    "search_files",
    "Search the files of the workspace with a regular expression.",
    schema({"regex": TEXT, "file_pattern": {"type": ["string", "null"]}}),
)
ANY_OF = function(
    "fetch_page",
    "Fetch a page of the documentation.",
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "url": {"type": "string", "format": "uri"},
            "depth": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        },
        "required": ["url"],
        "additionalProperties": False,
    },
)
BARE = function("list_open_tabs")
HYPHENATED = function(
    "mcp--ProjectTracker--createOrUpdate_an-issue-in-the-backlog-of-1",  # 64 characters, the longest name allowed
    "Create an issue in the tracker.",
    schema({"title": TEXT}),
    strict=False,
)


def many_tools() -> list[Tool]:
    """Twenty tools whose descriptions are as long as those of coding agents, the first of twelve thousand characters: 50 KB."""
    manual = (
        "Use this tool only when it is needed. Give every argument. Show changes as\n<<<<<<< SEARCH\n:start_line:1\n"
        "-------\nold line\n=======\nnew line\n>>>>>>> REPLACE\nand keep <thinking> out of arguments - naïve, “quoted”. "
    )
    described = [
        function(
            f"workspace_action_{n}",
            f"Action {n}. " + manual * (50 if n == 1 else 9),
            schema({"target": TEXT, "dry_run": {"type": "boolean"}}),
        )
        for n in range(1, 20)
    ]
    return [*described, READ_FILE]


READ_ARGUMENTS = {"path": "src/main.py", "limit": 20}
NASTY_TEXT = (
    'Grüße 👋 你好 "quoted" \\path\\n {brace} [bracket] a\tb <tag> & &lt; 100%\n\n'
    "1. first\n2. second\n\n    indented – end."
)
LONG_CODE = "\n".join(  # a page of text that a careless parser mistakes for the end or for markup
    [
        "def main() -> None:",
        "\tpattern = \"\\\\d+\\\"'\" + '{' + f'{{}}' + \"}]\"",
        "    print('emoji 🎉 and \\u00e9, tab\\t, percent %s' % \"x\")",
        "# </tool_call> <tool_call> ``` <<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
        "    page = '<p title=\"a&amp;b\">1 &lt; 2 &copy=3</p>'",
    ]
    + [
        f'    table["key{n}"] = {{\'n\': {n}, "text": "line {n} \\\\ \\"{n * 7919 % 1000}\\""}}  # </tool_call> {"🎉é→"[n % 3]}\n'
        f"\tif table['key{n}'] == [{n}, {{}}]: return r'\\d{{{n}}}'  # <<<<<<< SEARCH"
        for n in range(1, 12)
    ]
    + ["if __name__ == '__main__':\n    main()  # the end\n"]
)


DICTATED = " with exactly these arguments: "


def call_request(tool: Tool, arguments: dict[str, Any]) -> str:
    """A prompt that asks for one call with exactly these arguments."""
    name = tool["function"]["name"]
    return f"Call the tool {name}{DICTATED}{json.dumps(arguments, ensure_ascii=False)}"


def dictated(request: Request) -> dict[str, Any]:
    """The arguments that the last message of a request dictates, which an older recording may have longer; {} for none."""
    messages = request.field("messages")
    found = parse_json(str(messages[-1].get("content")).partition(DICTATED)[2]) if messages else {}
    return found if isinstance(found, dict) else {}


def repeat_request(text: str) -> str:
    """A prompt that asks to have a text repeated."""
    return f"Repeat exactly the following text and write nothing else:\n{text}"


def user(content: Any) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "content": content}


def system(content: Any) -> dict[str, Any]:
    """A system message."""
    return {"role": "system", "content": content}


def called(id: str, name: str, arguments: str, content: Any = "I will look.", **more: Any) -> dict[str, Any]:
    """An assistant message that made one call."""
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": content, "tool_calls": [call], **more}


def result(id: str, content: Any) -> dict[str, Any]:
    """The result of one call."""
    return {"role": "tool", "tool_call_id": id, "content": content}
