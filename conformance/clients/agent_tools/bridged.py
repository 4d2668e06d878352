"""Tools of MCP servers, whose authors do not know the client: hyphens, no description, schemas of all kinds."""

from __future__ import annotations

from conformance.clients.talk import Tool

LOOK_UP = Tool(
    "resolve-library-id",
    "Finds the id under which the documentation of a library is kept. Call it before get-library-docs.",
    {
        "type": "object",
        "properties": {
            "libraryName": {"type": "string", "description": "Name of the library", "minLength": 1, "maxLength": 120},
            "limit": {"type": ["integer", "null"], "description": "Most ids to return", "default": 5, "minimum": 1},
            "homepage": {"type": "string", "format": "uri", "description": "Its web site, to tell namesakes apart"},
            "since": {"type": "string", "format": "date", "pattern": "^(?!0000)\\d{4}-\\d{2}-\\d{2}$"},
        },
        "required": ["libraryName"],
        "$schema": "http://json-schema.org/draft-07/schema#",
    },
    server="library-docs",
)

UNDESCRIBED = Tool("list-projects", "", {"type": "object"}, server="issue-tracker")

LONGEST = Tool(  # with its server it makes a name of exactly 64 characters in Roo Code
    "search-work-items-of-a-project-by-state",
    "Searches the items of a project. Results come in pages of 50.\n\nStates: `open`, `in progress`, `done` ✓",
    {
        "type": "object",
        "properties": {
            "project": {"type": "string", "description": "Key of the project, as in `WEB-12`"},
            "status": {"type": "array", "items": {"type": "string", "enum": ["open", "in progress", "done"]}},
            "priority": {"type": "integer", "enum": [1, 2, 3], "description": "1 is the most urgent"},
            "assignee": {"type": ["string", "null"], "default": None},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["project"],
        "additionalProperties": False,
    },
    server="issue-tracker-prod",
)

TOOLS = (LOOK_UP, UNDESCRIBED, LONGEST)
