"""Conversations that are wrong on purpose, so that probes of every answer in a run can expect their errors."""

from __future__ import annotations

WITHOUT_THE_KEY = (
    "wrong_key",
    "other_shape_key",
    "accented_key",
    "other_case_key",
    "longer_key",
    "no_key",
    "empty_token",
    "wrong_key_stream",
    "no_key_stream",
)
UNKNOWN_MODELS = ("unknown_model", "unknown_model_stream", "unknown_model_path")
UNSERVED_PATHS = ("doubled_path", "unknown_path")
OTHER_KEYS = {*WITHOUT_THE_KEY, "models_wrong_key", "other_routes"}
ELSEWHERE = {*UNKNOWN_MODELS, *UNSERVED_PATHS, "models_double_slash", "other_routes"}
