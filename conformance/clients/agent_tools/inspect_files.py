"""Tools that read: files, folders, search results, and the output of a command."""

from __future__ import annotations

from conformance.clients.agent_tools.parameters import nullable, of, record, text
from conformance.clients.talk import Tool

READ = """\
Read one file of the workspace and return its text. Every line comes with its number in front, as `12 | const x = 1`; \
the numbers and the bar are there for your orientation and are no part of the file. One call reads one file. When you \
need several files, make several calls in the same turn: they run side by side and cost no extra round.

Without a range the first 2000 lines are returned, and lines longer than 2000 characters are cut. If the answer ends \
with a note that lines are missing, ask for the rest with start_line and end_line; do not guess what they contain.

There are two ways of reading:
- `slice` returns the lines from start_line to end_line in order. Use it for configuration, for data, and for a first \
look at a file you do not know.
- `indentation` returns the whole block of code around one line: the function, method or class that the line belongs \
to, judged by how far lines are indented. Use it when a search, a stack trace or a compiler gave you a line number. It \
needs `indentation.anchor_line`; without it only the imports at the top of the file come back.

Text inside PDF and DOCX files is extracted. Other binary files may come back as nonsense: do not read archives, \
images or compiled code with this tool.

Parameters:
- path: (required) the file, relative to the workspace
- start_line, end_line: (optional) first and last line to return, counted from 1, both included
- mode: (optional) `slice` or `indentation`; null means `slice`
- indentation: (optional) how to find the block, only looked at in the mode of that name

Example: a whole file
{ "path": "src/server.ts" }

Example: a part of a long file
{ "path": "logs/build.log", "start_line": 4800, "end_line": 4990 }

Example: the function around line 42
{ "path": "src/server.ts", "mode": "indentation", "indentation": { "anchor_line": 42, "max_levels": 0, \
"include_siblings": false, "include_header": true, "max_lines": null } }"""

READ_FILE = Tool(
    "read_file",
    READ,
    record(
        ("path",),
        path=text("File to read, relative to the workspace"),
        start_line=nullable("integer", "First line to return, counted from 1. Null starts at the first line."),
        end_line=nullable("integer", "Last line to return, included. Null reads on to the end or the limit."),
        mode=nullable(
            "string",
            "How to read: `slice` takes lines in order, `indentation` takes the block around one line. Null is `slice`.",
            enum=["slice", "indentation", None],
        ),
        indentation=nullable(
            "object",
            "How the block is found when mode is `indentation`. Give anchor_line, or only the imports come back.",
            properties={
                "anchor_line": of(
                    "integer", "Line the block is built around, as found by a search or a stack trace", minimum=1
                ),
                "max_levels": of(
                    "integer", "How many enclosing levels to include as well; 0 includes all of them", minimum=0
                ),
                "include_siblings": of("boolean", "Whether blocks beside the one that was found are returned too"),
                "include_header": of("boolean", "Whether imports and comments at the top of the file are returned"),
                "max_lines": nullable("integer", "Most lines to return in this mode. Null sets no limit of its own."),
            },
            required=["anchor_line", "max_levels", "include_siblings", "include_header", "max_lines"],
            additionalProperties=False,
        ),
    ),
)

LIST_FILES = Tool(
    "list_files",
    """\
List the files and folders in one folder of the workspace. Folders end in a slash. Entries that the ignore rules of \
the project exclude are marked rather than hidden, so that you know they exist and leave them alone. The list stops \
after 200 entries and says so.

Do not call this tool to see whether a file you have just written is there: the result of writing it told you. Prefer \
search_files when you look for something by its content, and ask for subfolders only when the layout itself matters, \
since a recursive list of a large project fills the context without saying much.

Parameters:
- path: (required) the folder, relative to the workspace; `.` is the workspace itself
- recursive: (required) true to include everything below it, false for its direct entries only

Example: what stands at the top
{ "path": ".", "recursive": false }

Example: everything below one package
{ "path": "packages/parser", "recursive": true }""",
    record(
        path=text("Folder to list, relative to the workspace"),
        recursive=of("boolean", "true lists everything below the folder, false its direct entries only"),
    ),
)

SEARCH_FILES = Tool(
    "search_files",
    """\
Search the text of files with a regular expression and return each place with the lines around it. This is the way to \
find where something is defined, who calls it, where a message comes from, or how often a pattern is repeated.

The expression has the syntax of Rust's regex crate: no look-ahead, no back-references, `\\b` for word boundaries, \
`(?i)` at its start to ignore case, `(?s)` to let the dot match line breaks. Escape what you mean literally: to find \
`foo(bar)` search for `foo\\(bar\\)`. An expression that is too wide returns the first 300 places only and tells you so; \
narrow it then rather than asking for more.

Parameters:
- path: (required) the folder to search, with everything below it
- regex: (required) the expression
- file_pattern: (optional) a glob that names of files must match, for instance `*.ts` or `**/*.test.py`; null searches \
all text files

Example: where a class is defined
{ "path": "src", "regex": "class\\\\s+InvoiceRepository\\\\b", "file_pattern": "*.ts" }

Example: every comment that was left for later, in any case of letters
{ "path": ".", "regex": "(?i)(todo|fixme):?\\\\s", "file_pattern": null }""",
    record(
        path=text("Folder to search, with everything below it, relative to the workspace"),
        regex=text("Regular expression in the syntax of Rust's regex crate"),
        file_pattern=nullable("string", "Glob that file names must match, as `*.ts`. Null searches every text file."),
    ),
)

CODEBASE_SEARCH = Tool(
    "codebase_search",
    """\
Find code by what it does rather than by the words in it. The question is compared with an index of the workspace, \
and the closest pieces of code come back with their path, their lines and a score between 0 and 1.

IMPORTANT: for any part of the code that you have not looked at in this conversation, use this tool first, before \
search_files and before reading files one after the other. It finds the right place even when you do not know how the \
project calls the thing. Afterwards, read the places it found; a piece of code alone can be misleading.

Ask in English, in a full sentence or a few telling words, and reuse the user's own words where you can: names that \
they use are often names in the code. One question per call; two narrow questions find more than one wide question.

Parameters:
- query: (required) what you are looking for
- path: (optional) only search below this folder; null searches the workspace
- min_score: (optional) leave out what scores lower; null uses 0.4

Example: how something works
{ "query": "How is a password checked when a user signs in?", "path": null, "min_score": null }

Example: in one part of the project, and only what is close
{ "query": "retry with exponential backoff", "path": "packages/http", "min_score": 0.65 }""",
    record(
        query=text("What you are looking for, in English"),
        path=nullable("string", "Folder to search below, relative to the workspace. Null searches all of it."),
        min_score=nullable("number", "Lowest score to return, between 0 and 1. Null uses 0.4."),
    ),
)

READ_COMMAND_OUTPUT = Tool(
    "read_command_output",
    """\
Read what a command printed when it was too much to be returned at once. execute_command shows the beginning and the \
end of long output and names the place where all of it is kept, in a note like \
`[output shortened; all of it is in cmd-1718900000123.txt]`. Give that name here.

Two ways of reading:
- by position: up to `limit` bytes from `offset` on. The answer says where the next part begins.
- by pattern: only the lines that match `search`, each with its number. Much cheaper when you look for errors.

Parameters:
- artifact_id: (required) the name from the note
- search: (optional) a regular expression or plain words; case is ignored
- offset: (optional) how many bytes to skip; null starts at the beginning
- limit: (optional) how many bytes to return at most; null means 32768

Example: the failures of a test run
{ "artifact_id": "cmd-1718900000123.txt", "search": "FAILED|Error:", "offset": null, "limit": null }

Example: the second part
{ "artifact_id": "cmd-1718900000123.txt", "search": null, "offset": 32768, "limit": 32768 }""",
    record(
        artifact_id=text("Name of the kept output, as `cmd-1718900000123.txt`"),
        search=nullable("string", "Regular expression or words that lines must match; case is ignored"),
        offset=nullable("number", "Bytes to skip before reading. Null starts at the beginning."),
        limit=nullable("number", "Most bytes to return. Null means 32768."),
    ),
)

TOOLS = (READ_FILE, LIST_FILES, SEARCH_FILES, CODEBASE_SEARCH, READ_COMMAND_OUTPUT)
