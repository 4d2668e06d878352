"""The five headings of the clients' troubleshooting pages; every probe belongs to exactly one.

The advice for a category begins with what those pages ask their users to check
(docs.roocode.com and kilo.ai/docs, "OpenAI Compatible", section "Troubleshooting").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One heading: its stable id, the heading as the pages print it, and what they ask a user to check."""

    id: str
    heading: str
    advice: str


INVALID_API_KEY = Category("invalid-api-key", "Invalid API Key", "Check that you entered the API key correctly.")
MODEL_NOT_FOUND = Category("model-not-found", "Model Not Found", "Check that the provider offers this model id.")
CONNECTION_ERRORS = Category(
    "connection-errors",
    "Connection Errors",
    "Check that the base URL is correct and that this machine can reach the provider.",
)
TOOL_CALLING_ERRORS = Category(
    "tool-calling-errors",
    "Tool-calling errors",
    "Agents require native tool calling: check that the model and the provider fully support it.",
)
UNEXPECTED_RESULTS = Category("unexpected-results", "Unexpected Results", "Try another model.")

CATEGORIES = (INVALID_API_KEY, MODEL_NOT_FOUND, CONNECTION_ERRORS, TOOL_CALLING_ERRORS, UNEXPECTED_RESULTS)
