"""What every client makes of every shape of `shapes.py`, in one table.

ok     what the answer carries reaches the client, and no more
WAITS  the same, but only when the connection is closed
LOST   part of it is silently missing
EMPTY  all of it is: neither text nor a call is left
TXT    something that is not meant to be read is shown as text
BAD    a call comes that cannot be run, and the model is told so
{}     a call runs without its arguments
FAIL   the client gives up with an error
-      the client never asks for such an answer
"""

from __future__ import annotations

COLUMNS = (
    "roo-code",
    "kilo-code-legacy",
    "kilo-code",
    "ai-sdk",
    "openai-python",
    "openai-python stream()",
    "cline",
)

# roo-code  kilo-code-legacy  kilo-code  ai-sdk  openai-python  its stream()  cline
TABLE = """
sound-text               ok     ok     ok     ok     ok     ok     ok
sound-call               ok     ok     ok     ok     ok     ok     ok
sound-plain              ok     ok     ok     ok     ok     -      -

html                     EMPTY  EMPTY  EMPTY  FAIL   EMPTY  FAIL   EMPTY
error-object             EMPTY  EMPTY  EMPTY  FAIL   EMPTY  FAIL   EMPTY
full-completion          EMPTY  EMPTY  EMPTY  FAIL   EMPTY  FAIL   EMPTY
empty-body               EMPTY  EMPTY  EMPTY  FAIL   EMPTY  FAIL   EMPTY
no-done                  ok     ok     ok     ok     ok     ok     ok
no-finish                ok     ok     ok     FAIL   ok     ok     ok
open-after-done          WAITS  WAITS  WAITS  WAITS  ok     ok     WAITS
comments                 ok     ok     ok     ok     ok     ok     ok
blank-keep-alives        ok     ok     ok     ok     ok     ok     ok
ping-without-data        FAIL   FAIL   ok     ok     FAIL   FAIL   FAIL
data-empty               FAIL   FAIL   FAIL   FAIL   FAIL   FAIL   FAIL
ping-with-data           ok     ok     FAIL   FAIL   ok     ok     ok
single-newlines          EMPTY  EMPTY  EMPTY  FAIL   EMPTY  FAIL   EMPTY
no-last-blank-line       LOST   LOST   LOST   FAIL   LOST   LOST   LOST
id-then-comment          ok     ok     ok     ok     FAIL   FAIL   ok
lone-retry               ok     ok     ok     ok     FAIL   FAIL   ok
text-plain               ok     ok     ok     ok     ok     ok     ok
no-content-type          ok     ok     ok     ok     ok     ok     ok

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
content-parts            TXT    TXT    FAIL   FAIL   FAIL   TXT    TXT
created-string           ok     ok     FAIL   FAIL   ok     ok     ok
chunk-id-number          ok     ok     FAIL   FAIL   ok     ok     ok
choice-without-delta     ok     ok     ok     ok     FAIL   FAIL   ok
message-instead-of-delta EMPTY  EMPTY  EMPTY  EMPTY  FAIL   FAIL   EMPTY
reasoning-content        ok     ok     ok     ok     ok     ok     ok
reasoning                LOST   ok     ok     ok     ok     ok     LOST
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
repeated-names           ok     ok     ok     ok     BAD    BAD    ok
id-changes               ok     ok     ok     FAIL   ok     ok     BAD
later-empty              ok     ok     ok     ok     ok     ok     ok
later-null               ok     ok     ok     ok     ok     FAIL   ok
name-split               BAD    BAD    BAD    BAD    ok     ok     BAD
arguments-object         BAD    BAD    FAIL   FAIL   FAIL   FAIL   {}
arguments-null-first     ok     ok     ok     ok     ok     ok     ok
arguments-absent-first   ok     ok     ok     ok     ok     ok     ok
placeholder              BAD    BAD    {}     BAD    BAD    BAD    {}
arguments-repeated       BAD    BAD    ok     BAD    BAD    BAD    BAD
cumulative               BAD    BAD    BAD    BAD    BAD    BAD    BAD
truncated                BAD    BAD    BAD    BAD    BAD    BAD    BAD
arguments-empty          BAD    BAD    {}     {}     BAD    BAD    EMPTY
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
plain-no-id              FAIL   FAIL   ok     ok     ok     -      -
plain-arguments-object   EMPTY  EMPTY  FAIL   FAIL   ok     -      -
plain-choices-missing    EMPTY  FAIL   FAIL   FAIL   FAIL   -      -
plain-choices-empty      EMPTY  EMPTY  FAIL   FAIL   FAIL   -      -
plain-content-type       EMPTY  FAIL   ok     ok     ok     -      -
plain-sse                EMPTY  FAIL   FAIL   FAIL   FAIL   -      -
plain-reasoning-content  LOST   LOST   ok     ok     ok     -      -
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
cut-off-announced        LOST   LOST   LOST   FAIL   FAIL   FAIL   LOST
"""
