"""Whole turns: is a client's own request taken as it is, and does the client make of the answers what its user expects."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.clients.client import Client
from conformance.clients.openai_python.reading import read_helper
from conformance.clients.reading import Ending
from conformance.probes.whole_turns import NO_TRIALS, expect_read, expect_taken
from conformance.requirements.categories import TOOL_CALLING_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES
from conformance.requirements.talk import Talk

REFUSED = "Take the named part of the request, or ignore it: the client offers no setting that leaves it out."
READ = "Look at the timeline of the turn, and mend first what other requirements say about the same answer."


@probe(
    "client.roo-code-request",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: BREAKS},
    source=ROO_CODE.sources,
    remedy=REFUSED,
)
def test_roo_codes_requests_are_taken(roo_code_work: Talk, refused_parts: Talk, roo_code: Client) -> None:
    """Roo Code's own requests - its headers, tools, history and parameters - are taken as they are."""
    expect_taken(roo_code, roo_code_work, refused_parts)


@probe(
    "client.roo-code-turn",
    category=TOOL_CALLING_ERRORS,
    severity={ROO_CODE: BREAKS},
    source=ROO_CODE.sources,
    remedy=READ,
)
def test_roo_code_gets_its_work_done(roo_code_work: Talk, refused_parts: Talk, roo_code: Client) -> None:
    """Roo Code reads a file in three calls and completes its task: every answer is one that it can run.

    Its reader joins argument fragments by index, needs an id that is a text, and runs tools when the stream ends.
    """
    expect_read(roo_code_work, refused_parts, roo_code.read)


@probe(
    "client.roo-code-plain",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=ROO_CODE.sources,
    remedy="Leave streaming on in Roo Code's settings.",
)
def test_roo_code_works_without_streaming(
    roo_code_plain: Talk, refused_parts: Talk, roo_code: Client
) -> None:
    """Roo Code works also with streaming turned off.

    That is a setting for servers whose streams are broken; nobody needs it where they are not.
    """
    expect_taken(roo_code, roo_code_plain, refused_parts)
    expect_read(roo_code_plain, refused_parts, roo_code.read)


@probe(
    "client.roo-code-r1",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=ROO_CODE.sources,
    remedy="Leave the R1 format off in Roo Code's settings.",
)
def test_roo_code_works_in_the_r1_format(roo_code_r1: Talk, roo_code: Client) -> None:
    """Roo Code works also in the R1 format: no system message, content null beside a call."""
    expect_taken(roo_code, roo_code_r1, NO_TRIALS)
    expect_read(roo_code_r1, NO_TRIALS, roo_code.read)


@probe(
    "client.roo-code-cached",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=ROO_CODE.sources,
    remedy="Leave prompt caching off in Roo Code's settings.",
)
def test_roo_code_works_with_prompt_caching(roo_code_cached: Talk, roo_code: Client) -> None:
    """Roo Code works also with prompt caching turned on: cache_control marks on parts of messages."""
    expect_taken(roo_code, roo_code_cached, NO_TRIALS)
    expect_read(roo_code_cached, NO_TRIALS, roo_code.read)


@probe(
    "client.roo-code-picture",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES},
    source=ROO_CODE.sources,
    remedy="Take pictures of a megabyte and more as data URLs, or turn image support off in the client's settings.",
)
def test_roo_code_can_send_a_picture(roo_code_picture: Talk, roo_code: Client) -> None:
    """Roo Code's turn with a picture of more than a megabyte is taken and answered."""
    expect_taken(roo_code, roo_code_picture, NO_TRIALS)
    expect_read(roo_code_picture, NO_TRIALS, roo_code.read)


@probe(
    "client.kilo-code-request",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: BREAKS},
    source=KILO_CODE.sources,
    remedy=REFUSED,
)
def test_kilo_codes_requests_are_taken(kilo_code_work: Talk, refused_parts: Talk, kilo_code: Client) -> None:
    """Kilo Code's own requests - its headers, tools, history and parameters - are taken as they are."""
    expect_taken(kilo_code, kilo_code_work, refused_parts)


@probe(
    "client.kilo-code-turn",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: BREAKS},
    source=KILO_CODE.sources,
    remedy=READ,
)
def test_kilo_code_gets_its_work_done(kilo_code_work: Talk, refused_parts: Talk, kilo_code: Client) -> None:
    """Kilo Code calls a tool, sends the result back and calls the next: every answer is one that it can run.

    Its library checks every chunk against a schema; one that does not fit ends the turn.
    """
    expect_read(kilo_code_work, refused_parts, kilo_code.read)


@probe(
    "client.kilo-code-title",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES},
    source=KILO_CODE.sources,
    remedy=READ,
)
def test_kilo_code_finds_a_title(kilo_code_title: Talk, refused_parts: Talk, kilo_code: Client) -> None:
    """The small request that Kilo Code makes for a title is taken, and its answer is words."""
    expect_taken(kilo_code, kilo_code_title, refused_parts)
    reading = kilo_code.read(kilo_code_title.answered)
    assert reading.ending is Ending.ANSWER, reading.complaint or "no words came"


@probe(
    "client.kilo-code-legacy-turn",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE_LEGACY: BREAKS},
    source=KILO_CODE_LEGACY.sources,
    remedy=READ,
)
def test_the_older_kilo_code_takes_a_turn(
    kilo_code_legacy_turn: Talk, refused_parts: Talk, kilo_code_legacy: Client
) -> None:
    """The older Kilo Code's own request is taken, and the call in the answer is one that it can run."""
    expect_taken(kilo_code_legacy, kilo_code_legacy_turn, refused_parts)
    expect_read(kilo_code_legacy_turn, refused_parts, kilo_code_legacy.read)


@probe(
    "client.cline-turn",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: BREAKS},
    source=CLINE.sources,
    remedy=READ,
)
def test_cline_takes_a_turn(cline_turn: Talk, refused_parts: Talk, cline: Client) -> None:
    """Cline's own request is taken, and the call in the answer is one that it can run."""
    expect_taken(cline, cline_turn, refused_parts)
    expect_read(cline_turn, refused_parts, cline.read)


@probe(
    "client.openai-python-turn",
    category=TOOL_CALLING_ERRORS,
    severity={OPENAI_PYTHON: BREAKS},
    source=OPENAI_PYTHON.sources,
    remedy=READ,
)
def test_a_program_with_the_python_sdk_takes_a_turn(
    openai_python_turn: Talk, refused_parts: Talk, openai_python: Client
) -> None:
    """A program that loops over the OpenAI Python SDK's stream gets a call that it can run."""
    expect_taken(openai_python, openai_python_turn, refused_parts)
    expect_read(openai_python_turn, refused_parts, openai_python.read)


@probe(
    "client.openai-python-helper",
    category=TOOL_CALLING_ERRORS,
    severity={},
    source=OPENAI_PYTHON.sources,
    remedy=READ,
)
def test_the_python_sdks_helper_puts_the_call_together(openai_python_turn: Talk, refused_parts: Talk) -> None:
    """The helper `chat.completions.stream()` of the OpenAI Python SDK puts the same call together.

    It wants calls counted from 0 and joins whatever texts repeat, so it refuses some forms that sound servers send.
    """
    expect_read(openai_python_turn, refused_parts, read_helper)


@probe(
    "client.ai-sdk-turn",
    category=TOOL_CALLING_ERRORS,
    severity={AI_SDK: BREAKS},
    source=AI_SDK.sources,
    remedy=READ,
)
def test_a_program_with_the_ai_sdk_takes_a_turn(
    ai_sdk_turn: Talk, refused_parts: Talk, ai_sdk: Client
) -> None:
    """A program written with the AI SDK gets a call that it can run."""
    expect_taken(ai_sdk, ai_sdk_turn, refused_parts)
    expect_read(ai_sdk_turn, refused_parts, ai_sdk.read)
