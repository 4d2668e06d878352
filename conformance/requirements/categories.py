"""The five headings of the clients' troubleshooting pages; every probe belongs to exactly one.

The advice shown for a category begins with what those pages tell their users to check
(docs.roocode.com and kilo.ai/docs, "OpenAI Compatible", section "Troubleshooting").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One heading: its stable id, the heading as the pages print it, and what they tell a user to check."""

    id: str
    heading: str
    advice: str


INVALID_API_KEY = Category(
    "invalid-api-key", "Invalid API Key", "Check that the API key was entered correctly."
)
MODEL_NOT_FOUND = Category(
    "model-not-found", "Model Not Found", "Check that the model id is one this provider offers."
)
CONNECTION_ERRORS = Category(
    "connection-errors",
    "Connection Errors",
    "Check that the base URL is right and that the provider can be reached from this machine.",
)
TOOL_CALLING_ERRORS = Category(
    "tool-calling-errors",
    "Tool-calling errors",
    "Native tool calling is required: check that the model can call tools and that the provider implements them in full.",
)
UNEXPECTED_RESULTS = Category(
    "unexpected-results", "Unexpected Results", "Try whether another model behaves better."
)

CATEGORIES = (INVALID_API_KEY, MODEL_NOT_FOUND, CONNECTION_ERRORS, TOOL_CALLING_ERRORS, UNEXPECTED_RESULTS)
