"""What differs between Roo Code and the older Kilo Code, its fork, in how they read answers, as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_BY_STATUS = {
    400: "The provider couldn't process the request as made. Stop the task and try a different approach.",
    401: "Couldn't authenticate with provider. Please check your API key configuration.",
    402: "You seem to have run out of funds/credits in your account.",
    403: "Unauthorized. Your API key is valid, but the provider refused to complete this request.",
    429: "Too many requests. You're being rate-limited by the provider.",
    500: "Provider server error. Something is wrong on the provider side.",
}


@dataclass(frozen=True)
class Fork:
    """Roo Code or its fork.

    `agent` is what its messages call it. `streamed_reasoning` are the fields of a delta read as reasoning, the first that
    is there; `whole_reasoning` that of a whole message, "" for none. `needs_choices` says that a completion without
    `choices` throws. `overflow` are words of its own for
    a conversation that is too long. `minimum` are the arguments without which one of its own tools does not run; of a tool that it does
    not know, what the schema requires.
    """

    name: str
    agent: str
    streamed_reasoning: tuple[str, ...]
    whole_reasoning: str
    coerces_ids: bool
    needs_choices: bool
    no_answer: str
    overflow: tuple[str, ...]
    minimum: Mapping[str, tuple[str, ...]]

    def words_for(self, status: int | None) -> str:
        """What its user reads above the error itself."""
        return _BY_STATUS.get(status or 0, f"Unknown API error. Please contact {self.name} support.")


ROO_CODE = Fork(
    name="Roo Code",
    agent="Roo",
    streamed_reasoning=("reasoning_content",),
    whole_reasoning="",
    coerces_ids=False,
    needs_choices=False,
    no_answer=(
        "Unexpected API Response: The language model did not provide any assistant messages. "
        "This may indicate an issue with the API or the model's output."
    ),
    overflow=(),
    minimum={
        "access_mcp_resource": ("server_name", "uri"),
        "apply_diff": ("path", "diff"),
        "apply_patch": ("patch",),
        "ask_followup_question": ("question", "follow_up"),
        "attempt_completion": ("result",),
        "codebase_search": ("query",),
        "edit": ("file_path", "old_string", "new_string"),
        "edit_file": ("file_path", "old_string", "new_string"),
        "execute_command": ("command",),
        "generate_image": ("prompt", "path"),
        "list_files": ("path",),
        "new_task": ("mode", "message"),
        "read_command_output": ("artifact_id",),
        "read_file": ("path",),
        "run_slash_command": ("command",),
        "search_files": ("path", "regex"),
        "search_replace": ("file_path", "old_string", "new_string"),
        "skill": ("skill",),
        "switch_mode": ("mode_slug", "reason"),
        "update_todo_list": ("todos",),
        "use_mcp_tool": ("server_name", "tool_name"),
        "write_to_file": ("path", "content"),
    },
)
