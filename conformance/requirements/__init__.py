"""What a requirement, a probe and a conversation are, and the words they are described with."""

from conformance.requirements.categories import (
    CATEGORIES,
    CONNECTION_ERRORS,
    INVALID_API_KEY,
    MODEL_NOT_FOUND,
    TOOL_CALLING_ERRORS,
    UNEXPECTED_RESULTS,
    Category,
)
from conformance.requirements.outcome import MOST_SERIOUS_FIRST, Blocked, NotApplicable, Outcome
from conformance.requirements.requirement import (
    BREAKS,
    DEGRADES,
    EVERYONE,
    HARMLESS,
    WORST_FIRST,
    Blame,
    Requirement,
    Severity,
    everyone,
    severity_for,
)
