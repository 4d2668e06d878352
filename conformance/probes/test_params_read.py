"""Is every part of a prompt read: all parts of a message, both of two messages, what a developer says."""

from __future__ import annotations

from conformance.clients import CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.probes.recall import knows
from conformance.probes.sources import OPENAI_CHAT, ROO_HISTORY, ROO_PROVIDER, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone
from conformance.requirements.talk import Talk


@probe(
    "params.parts-read",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, ROO_HISTORY, issue("qualcomm/GenieX", 683)],
    remedy="Hand every text part of a message on to the model, not only the first or the last.",
)
def test_every_part_of_a_message_is_read(fact_in_parts: Talk) -> None:
    """Every text part of a message is read.

    Roo Code sends the task in one part and the state of the editor in the next.
    """
    knows(fact_in_parts)


@probe(
    "params.users-in-a-row",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("anomalyco/opencode", 5034)],
    remedy="Take two user messages in a row, if need be as one; chat templates that insist on turns need them joined.",
)
def test_two_user_messages_in_a_row_are_read(fact_before: Talk) -> None:
    """Two user messages in a row are accepted, and both are read.

    They follow each other after an answer that was broken off, and where an agent adds a reminder.
    """
    assert fact_before.answered.ok or fact_before.exchanges[0].ok, fact_before.answered.summary
    knows(fact_before)


@probe(
    "params.developer-read",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Hand messages with the role `developer` on to the model as system messages.",
)
def test_what_a_developer_says_is_read(fact_of_developer: Talk) -> None:
    """What stands in a message with the role `developer` is read.

    For ids with o1, o3 or o4 in them the whole system prompt of an agent stands there: its rules would be lost.
    """
    knows(fact_of_developer)


@probe(
    "params.system-with-tools",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, issue("ollama/ollama-js", 220), issue("open-webui/open-webui", 28018)],
    remedy="Mend the chat template: it must show the system message also when tools are offered.",
)
def test_the_system_message_is_read_beside_tools(fact_of_system: Talk) -> None:
    """What stands in the system message is read, also when tools are offered.

    All rules of an agent stand there, and it never asks without tools.
    """
    knows(fact_of_system)
