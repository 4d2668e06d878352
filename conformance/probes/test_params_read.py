"""Does the model read the whole prompt: all parts of a message, two messages in a row, developer messages?"""

from __future__ import annotations

from conformance.clients import CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.probes.recall import expect_fact_known
from conformance.probes.sources import OPENAI_CHAT, ROO_HISTORY, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, DEGRADES, UNEXPECTED_RESULTS, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "params.parts-read",
    failure="The model does not read every text part of a message.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, ROO_HISTORY, issue("qualcomm/GenieX", 683)],
    remedy="Pass every text part of a message on to the model, not only the first or the last.",
)
def test_every_part_of_a_message_is_read(fact_in_parts: Talk) -> None:
    """The model reads every text part of a message.

    Roo Code sends the task in one part and the state of the editor in the next.
    """
    expect_fact_known(fact_in_parts)


@probe(
    "params.users-in-a-row",
    failure="Two user messages in a row are refused, or one of them is not read.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("anomalyco/opencode", 5034)],
    remedy="Accept two user messages in a row. Join them if the chat template requires alternating roles.",
)
def test_two_user_messages_in_a_row_are_read(fact_before: Talk) -> None:
    """Two user messages in a row are accepted, and both are read.

    They occur after an answer that was interrupted, and when an agent adds a reminder.
    """
    assert fact_before.answered.ok or fact_before.exchanges[0].ok, fact_before.answered.summary
    expect_fact_known(fact_before)


@probe(
    "params.developer-read",
    failure="The model does not read messages with the role `developer`.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Pass messages with the role `developer` on to the model as system messages.",
)
def test_developer_messages_are_read(fact_of_developer: Talk) -> None:
    """The model reads messages with the role `developer`.

    For model ids that contain o1, o3 or o4, an agent's whole system prompt is in such a message: its rules would be
    lost.
    """
    expect_fact_known(fact_of_developer)


@probe(
    "params.system-with-tools",
    failure="The model does not read the system message when tools are offered.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, issue("ollama/ollama-js", 220), issue("open-webui/open-webui", 28018)],
    remedy="Fix the chat template: it must include the system message also when tools are offered.",
)
def test_the_system_message_is_read_when_tools_are_offered(fact_of_system: Talk) -> None:
    """The model reads the system message, also when tools are offered.

    It contains all rules of an agent, and agents always offer tools.
    """
    expect_fact_known(fact_of_system)
