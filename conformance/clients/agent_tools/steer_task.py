"""Tools with which an agent organises its work: ask the user, keep a list, delegate, complete the task."""

from __future__ import annotations

from conformance.clients.agent_tools.parameters import nullable, record, text
from conformance.clients.talk import Tool

MODES = ["code", "architect", "ask", "debug", None]

ASK_FOLLOWUP_QUESTION = Tool(
    "ask_followup_question",
    """\
Ask the user something that you need in order to go on. The work stops until they answer, so ask only what you cannot \
find out with the other tools: never where a file is, what a function does or which version is installed. If there is a \
sensible choice, make it, say so, and go on.

Ask one clear question at a time, and offer two to four answers to choose from. An answer must be usable as it stands: \
specific, complete, without gaps to be filled in, since the user may pick it with a single click. Put the one you would \
recommend first. The user can always write an answer of their own, so do not offer "something else".

An answer may name a mode that is switched to when it is picked, for instance when the next step is to write code \
rather than to plan. Use null when the mode is to stay.

Parameters:
- question: (required) the question, in the language of the user
- follow_up: (required) two to four suggested answers, each with `text` and `mode`

Example: where something belongs
{ "question": "Where should the retry limit be configured?", "follow_up": [ { "text": "In config/http.yaml, beside the \
timeout", "mode": null }, { "text": "In the environment variable HTTP_RETRIES", "mode": null }, { "text": "Nowhere: \
keep it fixed at 3", "mode": null } ] }

Example: going on in another mode
{ "question": "The plan is complete. Shall I carry it out?", "follow_up": [ { "text": "Yes, start with step 1", "mode": \
"code" }, { "text": "No, I want to change the plan first", "mode": "architect" } ] }""",
    record(
        question=text("The question, in the language of the user"),
        follow_up={
            "type": "array",
            "description": "Two to four answers to choose from, the recommended one first",
            "items": record(
                text=text("An answer that can be used as it stands"),
                mode=nullable("string", "Mode to switch to when this answer is picked. Null stays.", enum=MODES),
            ),
            "minItems": 2,
            "maxItems": 4,
        },
    ),
)

ATTEMPT_COMPLETION = Tool(
    "attempt_completion",
    """\
Present the result when the task is done. The user either accepts it or tells you what is missing, and then you go on.

IMPORTANT: do not call this tool before you know that your last step worked. Every call of another tool returns a \
result; wait for it. If a command failed, a patch was refused or a test is red, the task is not done, and saying that \
it is would mislead the user.

Write the result for somebody who did not watch: what was changed and where, what was checked and how, and what is \
left open or was decided along the way. Be brief. Do not end with a question or with an offer of further help; the \
result is final in the way it is worded.

Parameters:
- result: (required) the summary, in Markdown

Example:
{ "result": "The importer now skips empty lines.\\n\\n- `importer/csv.py`: rows without any value are left out before \
they are validated\\n- `tests/test_csv.py`: three cases for it\\n\\nAll 214 tests pass." }""",
    record(result=text("What was done and checked, in Markdown, worded as final")),
)

TODO = """\
Keep the list of what the task consists of. The user sees it all the time and judges your progress by it. Each call \
replaces the whole list, so always send every entry, the finished ones included.

One entry per line, in Markdown:
- `[ ]` still to do
- `[-]` in progress; at most one entry at a time
- `[x]` done

Rules:
- Make a list when the task has three or more steps, when the user gave you several things to do at once, or when it \
turns out on the way that there is more to do than it seemed. A question, a single edit, a look into one file need no list.
- Write entries that can be finished: "Validate dates in the importer", not "Look at the importer". Keep them in the \
order in which they will be done, and on one level.
- Mark an entry as done as soon as it is, not several at the end. Mark the next one as in progress in the same call.
- Only mark as done what really works. When tests fail or something is missing, the entry stays in progress, and what \
stands in the way becomes an entry of its own.
- Add what you discover. Remove what has become pointless. Never remove what is merely unfinished, unless the user says so.

Do not call this tool alone in a turn if there is something to do at the same time: updating the list and taking the \
next step go together in one turn.

Parameters:
- todos: (required) the whole list

Example: after the first step
{ "todos": "[x] Read how dates are parsed today\\n[-] Accept ISO dates with a time zone\\n[ ] Reject dates before 1970 \
with a message that names the line\\n[ ] Cover both with tests\\n[ ] Update docs/import.md" }

Example: something was found on the way
{ "todos": "[x] Read how dates are parsed today\\n[x] Accept ISO dates with a time zone\\n[-] Make the parser keep the \
number of the line, which the message needs\\n[ ] Reject dates before 1970 with a message that names the line\\n[ ] Cover \
both with tests\\n[ ] Update docs/import.md" }"""

UPDATE_TODO_LIST = Tool(
    "update_todo_list",
    TODO,
    record(todos=text("The whole list in Markdown: one entry per line, each with [ ], [-] or [x] in front")),
)

NEW_TASK = Tool(
    "new_task",
    """\
Hand a part of the work to a task of its own, which runs in the mode you choose, with a fresh context. It knows \
nothing of this conversation: everything it needs must stand in the message. Its final result comes back to you as the \
result of this call, and you go on from there.

This is worth it for parts that are self-contained and long: investigating a failure, changing one module, writing \
the tests for it. It is not worth it for what takes you two or three calls.

A good message says what is to be achieved and why, which files matter, what has been found out already, what must \
not be touched, and what the answer should contain.

CRITICAL: this tool must be called alone. Do not call any other tool in the same turn.

Parameters:
- mode: (required) the mode to work in, for instance `code`, `debug` or `architect`
- message: (required) the complete instructions
- todos: (optional) a list to start with, in the form of update_todo_list; null starts without

Example:
{ "mode": "debug", "message": "`tests/test_sync.py::test_resume` fails about once in ten runs since the queue was made \
concurrent. Find out why. The queue is in `sync/queue.py`; do not change its public methods. Report the cause, with the \
lines that prove it, and a patch that you have run at least fifty times.", "todos": null }""",
    record(
        mode=text("Mode to work in, as `code`, `debug` or `architect`"),
        message=text("Complete instructions: the new task knows nothing of this conversation"),
        todos=nullable("string", "List to start with, in Markdown. Null starts without one."),
    ),
)

SWITCH_MODE = Tool(
    "switch_mode",
    """\
Ask to go on in another mode, because the next step needs tools that this mode does not have, or because the user \
wants a different way of working. A mode decides which tools there are, which files may be changed and how you are \
expected to answer. The user has to agree. The conversation stays as it is.

Parameters:
- mode_slug: (required) the mode to go on in
- reason: (required) one sentence for the user that says why

Example: from planning to doing
{ "mode_slug": "code", "reason": "The plan is agreed, and this mode may not change source files." }""",
    record(
        mode_slug=text("Mode to go on in", enum=[mode for mode in MODES if mode]),
        reason=text("One sentence for the user that says why"),
    ),
)

TOOLS = (ASK_FOLLOWUP_QUESTION, ATTEMPT_COMPLETION, UPDATE_TODO_LIST, NEW_TASK, SWITCH_MODE)
