"""What every client makes of every shape of `shapes.py`, in one table.

ok     what the answer carries reaches the client, and no more
WAITS  the same, but only when the connection is closed
LOST   part of it is silently missing
EMPTY  all of it is: neither text nor a call is left
TXT    something that is not meant to be read is shown as text
BAD    a call comes that cannot be run, and the model reads that
FAIL   the client gives up with an error
-      the client never asks for such an answer

A `#` begins a remark on the rows below it.
"""

from __future__ import annotations

COLUMNS = ("roo-code", "kilo-code-legacy", "kilo-code", "ai-sdk", "openai-python", "openai-python stream()", "cline")

# roo-code  kilo-code-legacy  kilo-code  ai-sdk  openai-python  its stream()  cline
TABLE = """
sound-text               ok     ok     ok     ok     ok     ok     ok
sound-call               ok     ok     ok     ok     ok     ok     ok
sound-plain              ok     ok     ok     ok     ok     -      -

# Kilo Code asks twice more when there was nothing at all, and then gives up.
html                     EMPTY  EMPTY  FAIL   FAIL   EMPTY  FAIL   EMPTY
error-object             EMPTY  EMPTY  FAIL   FAIL   EMPTY  FAIL   EMPTY
full-completion          EMPTY  EMPTY  FAIL   FAIL   EMPTY  FAIL   EMPTY
empty-body               EMPTY  EMPTY  FAIL   FAIL   EMPTY  FAIL   EMPTY
no-done                  ok     ok     ok     ok     ok     ok     ok
no-finish                ok     ok     ok     FAIL   ok     ok     ok
open-after-done          WAITS  WAITS  WAITS  WAITS  ok     ok     WAITS
comments                 ok     ok     ok     ok     ok     ok     ok
blank-keep-alives        ok     ok     ok     ok     ok     ok     ok
ping-without-data        FAIL   FAIL   ok     ok     FAIL   FAIL   FAIL
data-empty               FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
ping-with-data           ok     ok     FAIL   FAIL   ok     ok     ok
single-newlines          EMPTY  EMPTY  FAIL   FAIL   EMPTY  FAIL   EMPTY
no-last-blank-line       LOST   LOST   LOST   FAIL   LOST   LOST   LOST
id-then-comment          ok     ok     ok     ok     FAIL   FAIL   ok
lone-retry               ok     ok     ok     ok     FAIL   FAIL   ok
text-plain               ok     ok     ok     ok     ok     ok     ok
no-content-type          ok     ok     ok     ok     ok     ok     ok

# The AI SDK goes on after an error part, Kilo Code does not.
stream-error-object      FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
stream-error-string      FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
event-error-flat         EMPTY  EMPTY  FAIL   FAIL   EMPTY  EMPTY  EMPTY
error-null               ok     ok     FAIL   FAIL   ok     ok     ok

usage-choices-empty      ok     ok     ok     ok     ok     ok     ok
usage-without-choices    ok     ok     FAIL   FAIL   ok     FAIL   ok
usage-null-choices       ok     ok     FAIL   FAIL   ok     FAIL   ok
vendor-event             ok     ok     FAIL   FAIL   ok     ok     ok
usage-strings            ok     ok     FAIL   FAIL   ok     ok     ok
role-empty               ok     ok     ok     ok     ok     ok     ok
role-model               ok     ok     FAIL   FAIL   ok     ok     ok
role-tool                ok     ok     FAIL   FAIL   ok     ok     ok
# The helper joins texts only, so parts vanish.
content-parts            TXT    TXT    FAIL   FAIL   FAIL   EMPTY  TXT
created-string           ok     ok     FAIL   FAIL   ok     ok     ok
chunk-id-number          ok     ok     FAIL   FAIL   ok     ok     ok
choice-without-delta     ok     ok     ok     ok     FAIL   FAIL   ok
message-instead-of-delta EMPTY  EMPTY  EMPTY  EMPTY  FAIL   FAIL   EMPTY
# A program with the Python SDK can read the field, but the usual loop does not.
reasoning-content        ok     ok     ok     ok     LOST   LOST   ok
reasoning                LOST   ok     ok     ok     LOST   LOST   LOST
think-first              ok     ok     TXT    TXT    TXT    TXT    TXT
think-after-newline      TXT    TXT    TXT    TXT    TXT    TXT    TXT
think-only-closer        TXT    TXT    TXT    TXT    TXT    TXT    TXT
reasoning-only           EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY

call-finish-stop         ok     ok     ok     ok     ok     ok     ok
call-no-finish           ok     ok     ok     FAIL   ok     ok     ok
no-index                 ok     ok     ok     ok     ok     FAIL   ok
no-index-fragmented      ok     ok     FAIL   ok     ok     FAIL   ok
two-no-index             BAD    BAD    ok     ok     BAD    FAIL   ok
two-index-0              BAD    BAD    LOST   ok     BAD    BAD    ok
index-from-1             ok     ok     ok     ok     ok     FAIL   ok
index-string             ok     ok     FAIL   FAIL   ok     ok     ok
id-missing               EMPTY  EMPTY  FAIL   FAIL   ok     ok     EMPTY
id-null                  EMPTY  EMPTY  FAIL   FAIL   ok     ok     EMPTY
id-empty                 EMPTY  EMPTY  ok     ok     ok     ok     EMPTY
id-number                FAIL   ok     FAIL   FAIL   ok     ok     ok
id-in-second-delta       EMPTY  EMPTY  FAIL   FAIL   ok     ok     ok
name-in-second-delta     ok     ok     FAIL   ok     ok     ok     ok
# The documented loop of the Python SDK keeps the first id and name, its helper joins all of them.
repeated-names           ok     ok     ok     ok     ok     BAD    ok
id-changes               ok     ok     ok     FAIL   ok     ok     BAD
later-empty              ok     ok     ok     ok     ok     ok     ok
later-null               ok     ok     ok     ok     ok     ok     ok
# Of the three the helper of the Python SDK minds only the type that is null.
later-null-type          ok     ok     ok     ok     ok     FAIL   ok
name-split               BAD    BAD    BAD    BAD    BAD    ok     BAD
arguments-object         BAD    BAD    FAIL   FAIL   FAIL   BAD    BAD
arguments-null-first     ok     ok     ok     ok     ok     ok     ok
arguments-absent-first   ok     ok     ok     ok     ok     ok     ok
# Kilo Code and Cline run the call with `{}`, which lacks the path; Cline's rescue of broken JSON finds it in the next two.
placeholder              BAD    BAD    BAD    BAD    BAD    BAD    BAD
arguments-repeated       BAD    BAD    ok     BAD    BAD    BAD    ok
cumulative               BAD    BAD    BAD    BAD    BAD    BAD    ok
truncated                BAD    BAD    BAD    BAD    BAD    BAD    BAD
# The AI SDK takes nothing for `{}`, which lacks the path.
arguments-empty          BAD    BAD    BAD    BAD    BAD    BAD    EMPTY
double-encoded           BAD    BAD    BAD    BAD    BAD    BAD    BAD
duplicate-ids            BAD    BAD    LOST   BAD    ok     ok     BAD
interleaved              ok     ok     ok     ok     ok     ok     ok
no-function              ok     ok     FAIL   FAIL   ok     FAIL   ok
tool-calls-null          ok     ok     ok     ok     ok     ok     ok
tool-calls-object        FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
no-type                  ok     ok     ok     ok     ok     ok     ok
function-call            EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY
second-choice            EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY
call-as-text             TXT    TXT    TXT    TXT    TXT    TXT    TXT
finish-without-calls     EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY  EMPTY

plain-no-type            EMPTY  EMPTY  ok     ok     ok     -      -
plain-no-id              BAD    BAD    ok     ok     ok     -      -
plain-arguments-object   EMPTY  EMPTY  FAIL   FAIL   BAD    -      -
plain-choices-missing    EMPTY  FAIL   FAIL   FAIL   FAIL   -      -
plain-choices-empty      EMPTY  EMPTY  FAIL   FAIL   FAIL   -      -
plain-content-type       EMPTY  FAIL   ok     ok     ok     -      -
plain-sse                EMPTY  FAIL   FAIL   FAIL   FAIL   -      -
plain-reasoning-content  LOST   LOST   ok     ok     LOST   -      -
plain-role               ok     ok     FAIL   FAIL   ok     -      -
plain-error-null         ok     ok     ok     ok     ok     -      -
plain-call               ok     ok     ok     ok     ok     -      -
plain-no-content         FAIL   FAIL   FAIL   FAIL   FAIL   -      -

refusal                  FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
refusal-detail           FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
refusal-flat             FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
refusal-string           FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
refusal-html             FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
refusal-empty            FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
cut-off                  FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
# Node takes the end of a connection that was to be closed for the end of the body.
cut-off-announced        ok     ok     ok     FAIL   FAIL   FAIL   ok
"""

MATRIX = {
    (shape, column): cell
    for shape, *cells in (line.split() for line in TABLE.splitlines() if line and not line.startswith("#"))
    for column, cell in zip(COLUMNS, cells, strict=True)
}

NODE = ("roo-code", "kilo-code-legacy", "cline")
AI = ("kilo-code", "ai-sdk")
PYTHON = ("openai-python", "openai-python stream()")

# Shape, columns, and what all of them say in their SDK's words.
WORDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("html", ("kilo-code",), "The provider repeatedly ended the response before returning usable output."),
    ("html", ("ai-sdk",), "Response stream ended without a finish reason."),
    ("html", ("openai-python stream()",), "AssertionError"),
    ("no-finish", ("ai-sdk",), "Response stream ended without a finish reason."),
    ("ping-without-data", NODE, "Unexpected end of JSON input"),
    ("ping-without-data", PYTHON, "Expecting value: line 1 column 1 (char 0)"),
    ("data-empty", AI, "JSON parsing failed"),
    ("ping-with-data", AI, "Type validation failed"),
    ("stream-error-object", COLUMNS, "The model is overloaded."),
    ("stream-error-string", AI, "Type validation failed"),
    ("stream-error-string", PYTHON, "An error occurred during streaming"),
    ("error-null", ("kilo-code",), "Cannot read properties of null (reading 'message')"),
    ("vendor-event", AI, "Type validation failed"),
    ("choice-without-delta", ("openai-python",), "'NoneType' object has no attribute 'content'"),
    ("no-index-fragmented", ("kilo-code",), "Expected 'id' to be a string."),
    ("no-index", ("openai-python stream()",), "list indices must be integers or slices, not NoneType"),
    ("index-from-1", ("openai-python stream()",), "list index out of range"),
    ("id-missing", AI, "Expected 'id' to be a string."),
    ("id-null", AI, "Expected 'id' to be a string."),
    ("name-in-second-delta", ("kilo-code",), "Expected 'function.name' to be a string."),
    ("id-changes", ("ai-sdk",), "Expected 'function.name' to be a string."),
    ("no-function", ("openai-python stream()",), "AssertionError"),
    ("plain-choices-missing", ("kilo-code-legacy",), "Cannot read properties of undefined (reading '0')"),
    ("plain-choices-missing", AI, "Invalid JSON response"),
    ("plain-choices-empty", AI, "Cannot read properties of undefined (reading 'message')"),
    ("refusal", NODE, "400 The model is overloaded."),
    ("refusal-detail", NODE, "401 status code (no body)"),
    ("refusal-detail", ("ai-sdk",), "Unauthorized"),
    ("refusal-flat", NODE, "404 status code (no body)"),
    ("refusal-flat", PYTHON, "Error code: 404 - No such model"),
    ("refusal-string", NODE, '404 "Model not found"'),
    ("refusal-html", NODE, "502 <html>Bad gateway</html>"),
    ("refusal-empty", NODE, "403 status code (no body)"),
    ("cut-off", (*NODE, "ai-sdk"), "terminated"),
    ("cut-off", ("kilo-code",), "Connection reset by server"),
    ("cut-off", PYTHON, "Connection error."),
)
