"""Tools that run something on the user's machine: commands, stored instructions, ready-made prompts."""

from __future__ import annotations

from conformance.clients.agent_tools.parameters import nullable, record, text
from conformance.clients.talk import Tool

COMMAND = """\
Run a command in the user's terminal and return what it prints, together with its exit code. Use it to build, to test, \
to install what the project declares, to ask version control what changed, and for whatever else the task needs that \
no other tool does. The command must suit the operating system and the shell that are named in the environment details.

Before you run something, be sure that it does what the user wants:
- Say in one sentence what the command does, unless it is obvious.
- Never run what destroys data, rewrites history that was published, sends files somewhere, or changes settings \
outside the workspace, unless the user has asked for precisely that.
- Do not print secrets. Do not read files such as `.env` or keys into the conversation.
- Prefer a command over a script that is written only to be run once.
- Do not use commands for what other tools do better: read_file instead of cat, search_files instead of grep, \
apply_diff instead of sed.

Each command starts in a shell of its own: variables and the current folder of an earlier command are forgotten. To \
work elsewhere give `cwd`, or chain commands with `&&` (with `;` in PowerShell). Commands that ask questions hang; pass \
the flag that answers them, such as `--yes` or `-y`. A pager hangs as well: set `GIT_PAGER=cat` or pass `--no-pager`.

Servers and watchers never end. Give them a short `timeout`: when it is over, the command keeps running in the \
background, and you get what it has printed so far. Do not start a second one because the first is still running; the \
environment details list the terminals that are busy.

Long output is shortened in the middle. The result then names the place where all of it is kept, for \
read_command_output. It is better to ask for less in the first place: `--quiet`, `-n 20`, a single test file.

Parameters:
- command: (required) the command line
- cwd: (optional) the folder to run it in, relative to the workspace or absolute; null is the workspace itself
- timeout: (optional) after how many seconds a command that still runs goes to the background; null waits for its end

Example: the tests of one package
{ "command": "npm test -- --run src/cart.test.ts", "cwd": "packages/shop", "timeout": null }

Example: a server that keeps running
{ "command": "npm run dev", "cwd": null, "timeout": 15 }

Example: what is different from the main branch
{ "command": "git --no-pager diff --stat origin/main...HEAD", "cwd": null, "timeout": 30 }"""

EXECUTE_COMMAND = Tool(
    "execute_command",
    COMMAND,
    record(
        command=text("Command line for the user's shell"),
        cwd=nullable("string", "Folder to run it in, relative to the workspace or absolute. Null is the workspace."),
        timeout=nullable(
            "integer", "Seconds after which a command that still runs goes to the background. Null waits for its end."
        ),
    ),
)

RUN_SLASH_COMMAND = Tool(
    "run_slash_command",
    """\
Fetch the instructions that the user or the project has stored under a short name, such as `review` or `release`. They \
are returned as text and are meant for you: read them, then do what they say in the steps that follow. Only call this \
tool for names that are listed among the available commands; the list gives each a description and, where it takes \
arguments, a hint of their form.

Parameters:
- command: (required) the name without the slash
- args: (optional) what follows the name, as one string; null when there is nothing

Example: instructions without arguments
{ "command": "review", "args": null }

Example: with an argument
{ "command": "test", "args": "only the parser, with coverage" }""",
    record(
        command=text("Name of the stored instructions, without the slash"),
        args=nullable("string", "What follows the name. Null when there is nothing."),
    ),
)

SKILL = Tool(
    "skill",
    """\
Load the full instructions of a skill. The system prompt lists every skill with a line that says what it is good for; \
the instructions themselves are long, so they are only loaded when a task needs them. Load a skill BEFORE you start \
on the part of the task it covers, and load it once: its text stays in the conversation.

A skill may bring files along. Their paths are given relative to the folder of the skill, which the result names; read \
them with read_file when the instructions tell you to, not all of them in advance.

Parameters:
- skill: (required) the name as it stands in the list
- args: (optional) what the skill should know about the case at hand; null when it needs nothing

Example: preparing a database change
{ "skill": "write-migration", "args": "add a nullable column `archived_at` to `projects`" }""",
    record(
        skill=text("Name of the skill as it stands in the list"),
        args=nullable("string", "What the skill should know about the case at hand. Null when it needs nothing."),
    ),
)

TOOLS = (EXECUTE_COMMAND, RUN_SLASH_COMMAND, SKILL)
