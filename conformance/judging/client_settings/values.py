"""The value of every setting for one client, and what it rests on: the configuration, or a turn that was judged.

Nothing that was not judged is said to work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from conformance.clients.advice import Typed
from conformance.clients.url import host_of, parsed
from conformance.endpoint.config import Endpoint
from conformance.endpoint.input_checks import split_url
from conformance.judging.client_settings.case import Case
from conformance.judging.client_settings.names import ANY_KEY, KEYS, LOOK_UP, NAMES, NOT_KNOWN

LARGEST_OUTPUT = 32_000  # tokens, which Kilo Code asks for when it knows no limit
Told = tuple[str, str]  # a value and its reason; the value is "" for a setting that is to be left alone
NOTHING: Told = ("", "")
PICTURE = "client.roo-code-picture"

CAPS = {  # the field by which a client caps its answers
    "roo-code": "max_completion_tokens",
    "kilo-code-legacy": "max_completion_tokens",
    "openai-python": "max_completion_tokens",
}
DEVELOPER = {  # model ids for which a client gives the system prompt the role developer
    "roo-code": r"o[134]",
    "kilo-code-legacy": r"o[134]",
    "cline": r"^(?!.*chat).*(o[134]|gpt-5)",
}


def base_url(case: Case) -> Told:
    """The base URL that leads the client to what was judged, at best to its model list too; "" when none does."""
    endpoint = case.endpoint
    forms = [form for form in (endpoint.base_url, Typed(endpoint.base_url).root) if _leads(case, form)]
    best = next((form for form in forms if _lists(case, form)), next(iter(forms), ""))
    if best or not _of_azure(endpoint):
        instead = "" if _leads(case, endpoint.base_url) else ", as the one that was typed does not"
        return best, f"leads to {endpoint.chat_url}{instead}"
    built = case.client.chat(endpoint.base_url, endpoint.model)
    return endpoint.base_url, f"a host of Azure: leads to {built.url or built.error}, which was not judged"


def _leads(case: Case, base: str) -> bool:
    built = case.client.chat(base, case.endpoint.model).url
    return parsed(f"{built}{_own_query(case)}").url == parsed(case.endpoint.chat_url).url


def _lists(case: Case, base: str) -> bool:
    lists, judged = case.client.models, (case.endpoint.models_url or "").partition("?")[0]
    return not lists or not judged or lists(base, case.endpoint.model).url == parsed(judged).url


def _own_query(case: Case) -> str:
    """The query of what was judged, for a client that has a setting for it."""
    return split_url(case.endpoint.chat_url)[2] if "query" in NAMES[case.client.id] else ""


def _of_azure(endpoint: Endpoint) -> bool:
    return f".{host_of(endpoint.base_url)}".endswith(".azure.com")


def _query(case: Case) -> Told:
    return _own_query(case)[1:], "stands on every URL that was judged"


def _key(case: Case) -> Told:
    if case.endpoint.key:
        form = KEYS.get(case.client.id, "the key in {}")
        return form.format(case.endpoint.api_key_env or "API_KEY"), "the key that was sent here"
    if case.client.id in ("kilo-code", "ai-sdk"):
        return NOTHING
    return ANY_KEY, f"no key was sent here, but {case.client.name} insists on one"


def _headers(case: Case) -> Told:
    why = "sent with every request here; the values stand in the configuration"
    return ", ".join(case.endpoint.headers), why


def _model(case: Case) -> Told:
    holds = case.found.holds
    whys = [
        case.judged if holds("models.known") is not False else "the server does not know it",
        "not in the model list, so type it" if holds("models.listed") is False else "",
        f"because of it {case.client.name} sends the role developer" if names_developer(case) else "",
    ]
    return case.endpoint.model, "; ".join(filter(None, whys))


def names_developer(case: Case) -> bool:
    """True for a model id that has this client give the system prompt the role developer."""
    wanted = DEVELOPER.get(case.client.id)
    return bool(wanted and re.search(wanted, case.endpoint.model))


def _streaming(case: Case) -> Told:
    if not case.endpoint.streaming:
        return "off", f"as configured here; {case.judged}"
    if case.works is False and case.own("plain"):
        return "off", "the turn works without streaming, and fails with it"
    return "on", case.judged


def _r1_format(case: Case) -> Told:
    if "deepseek-reasoner" in case.endpoint.model:
        return "off", f"no effect: {case.client.name} uses that format by itself for deepseek-reasoner"
    if case.works is False and case.own("r1") and not case.own("plain"):
        return "on", "the turn works in the R1 format, and fails in the usual one"
    return "off", case.judged


def _prompt_caching(case: Case) -> Told:
    if case.own("cached") is False:
        return "off", "the turn fails with it"
    also = "; the turn goes through with it too" if case.own("cached") else ""
    return "off", f"{case.judged}{also}"


def cap_refused(case: Case) -> bool:
    """True when the server refuses the field by which this client caps its answers."""
    return case.found.holds(f"params.{cap(case).replace('_', '-')}") is False


def cap(case: Case) -> str:
    """The field by which this client caps its answers."""
    return CAPS.get(case.client.id, "max_tokens")


def _send_cap(case: Case) -> Told:
    """Roo Code's box: nothing is sent until it is touched; then the number beside it, which is -1 unless one was typed."""
    if cap_refused(case):
        return "off", f"it sends {cap(case)}, which is refused"
    return ("on", f"sends Max Output Tokens; {case.judged}") if case.endpoint.max_output_tokens else NOTHING


def _max_output(case: Case) -> Told:
    wanted, unasked = case.endpoint.max_output_tokens, asks_unasked(case)
    if unasked and case.too_large and (wanted or LARGEST_OUTPUT) >= LARGEST_OUTPUT:
        return LOOK_UP, "the most that the model may write: without it 32000 is asked for, and refused"
    if wanted is None or cap_refused(case):
        return NOTHING
    most = f"; at most {LARGEST_OUTPUT} is asked for" if unasked and wanted > LARGEST_OUTPUT else ""
    return str(wanted), f"as configured here, sent as {cap(case)}{most}"


def asks_unasked(case: Case) -> bool:
    """True for a client that caps its answers also when nothing is configured."""
    return case.client.id == "kilo-code" and "gpt-5" not in case.endpoint.model.lower()


def _window(case: Case) -> Told:
    configured, told = case.endpoint.context_window, case.found.told_limit
    if told and (configured is None or told < configured):
        return str(told), f"told by the server; {configured or 'nothing'} is configured here"
    if configured:
        return str(configured), "as configured here"
    kilo = case.client.id == "kilo-code"
    without = "no conversation is ever shortened" if kilo else "the page takes 128000 for granted"
    return NOT_KNOWN, f"neither configured here nor told by the server; without it {without}"


def _images(case: Case) -> Told:
    if not case.endpoint.images:
        return "off", "not configured here (images), so not judged"
    seen = case.found.holds(PICTURE)
    if seen is False:
        return "off", "Roo Code's turn with a picture fails"
    return "on", f"configured here (images); {'a picture was taken' if seen else 'not judged'}"


def _computer_use(case: Case) -> Told:
    wanted, older = case.endpoint.computer_use, case.client.id == "kilo-code-legacy"
    effect = "Image Support counts instead" if older else "no effect in this version"
    return NOTHING if wanted is None else ("on" if wanted else "off", f"as configured here; {effect}")


def _price(price: float | None) -> Told:
    return "" if price is None else f"{price:.12g}", "as configured here, US dollars per million tokens"


VALUES: Mapping[str, Callable[[Case], Told]] = {
    "file": lambda case: (
        "~/.config/kilo/kilo.jsonc",
        "a project's own file cannot read keys with {env:...}",
    ),
    "base_url": base_url,
    "query": _query,
    "api_key": _key,
    "headers": _headers,
    "model": _model,
    "native_tools": lambda case: ("on", f"the feature by which tools are sent; {case.judged}"),
    "azure_api_version": lambda case: (case.endpoint.azure_api_version or "", "as configured here"),
    "streaming": _streaming,
    "r1_format": _r1_format,
    "prompt_caching": _prompt_caching,
    "send_cap": _send_cap,
    "max_output_tokens": _max_output,
    "context_window": _window,
    "images": _images,
    "computer_use": _computer_use,
    "input_price": lambda case: _price(case.endpoint.input_price),
    "output_price": lambda case: _price(case.endpoint.output_price),
}
