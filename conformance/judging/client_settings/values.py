"""The value of every setting for one client, and why: from the configuration, or from a turn that was judged.

Nothing that was not judged is said to work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from conformance.clients.advice import Typed
from conformance.clients.settings import ANY_KEY, LOOK_UP, NOT_KNOWN
from conformance.clients.url import host_of, parsed
from conformance.endpoint.config import Endpoint
from conformance.endpoint.input_checks import split_url
from conformance.judging.client_settings.case import Case

LARGEST_OUTPUT = 32_000  # tokens, which Kilo Code asks for when it knows no limit
Choice = tuple[str, str]  # a value and its reason; the value is "" for a setting to leave alone
NOTHING: Choice = ("", "")
PICTURE = "client.roo-code-picture"


def value_of(setting: str, case: Case) -> Choice:
    """The value of one setting and its reason."""
    return case.client.settings.fixed.get(setting) or VALUES[setting](case)


def base_url(case: Case) -> Choice:
    """The base URL that leads the client to the judged URL, if possible to its model list too; "" if none does."""
    endpoint = case.endpoint
    forms = [form for form in (endpoint.base_url, Typed(endpoint.base_url).root) if _leads(case, form)]
    best = next((form for form in forms if _lists(case, form)), next(iter(forms), ""))
    if best or not _of_azure(endpoint):
        instead = "" if _leads(case, endpoint.base_url) else "; the base URL that was typed does not"
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
    """The query of the judged URL, for a client that has a setting for it."""
    return split_url(case.endpoint.chat_url)[2] if "query" in case.names else ""


def _of_azure(endpoint: Endpoint) -> bool:
    return f".{host_of(endpoint.base_url)}".endswith(".azure.com")


def _query(case: Case) -> Choice:
    return _own_query(case)[1:], "part of every URL that was judged"


def _key(case: Case) -> Choice:
    page = case.client.settings
    if case.endpoint.key:
        return page.key.format(case.endpoint.api_key_env or "API_KEY"), "the key that this run sent"
    return (ANY_KEY, f"this run sent no key, but {case.client.name} requires one") if page.key_required else NOTHING


def _headers(case: Case) -> Choice:
    why = "this run sent them with every request; their values are in the configuration"
    return ", ".join(case.endpoint.headers), why


def _model(case: Case) -> Choice:
    holds = case.found.holds
    whys = [
        case.judged if holds("models.known") is not False else "the server does not know it",
        "not in the model list, so type it" if holds("models.listed") is False else "",
        f"because of it {case.client.name} sends the role developer" if names_developer(case) else "",
    ]
    return case.endpoint.model, "; ".join(filter(None, whys))


def names_developer(case: Case) -> bool:
    """True if the client gives the system prompt of this model the role developer."""
    return _matches(case.client.settings.developer, case.endpoint.model)


def _matches(pattern: str, model: str) -> bool:
    return bool(pattern and re.search(pattern, model))


def _streaming(case: Case) -> Choice:
    if not case.endpoint.streaming:
        return "off", f"as configured here; {case.judged}"
    if case.works is False and case.own("plain"):
        return "off", "the turn works without streaming, and fails with it"
    return "on", case.judged


def _r1_format(case: Case) -> Choice:
    if "deepseek-reasoner" in case.endpoint.model:
        return "off", f"no effect: {case.client.name} always uses that format for deepseek-reasoner"
    if case.works is False and case.own("r1") and not case.own("plain"):
        return "on", "the turn works in the R1 format, and fails in the usual one"
    return "off", case.judged


def _prompt_caching(case: Case) -> Choice:
    if case.own("cached") is False:
        return "off", "the turn fails with it"
    also = "; the turn also succeeds with it" if case.own("cached") else ""
    return "off", f"{case.judged}{also}"


def cap_refused(case: Case) -> bool:
    """True if the server refuses the field with which this client limits its answers."""
    return case.found.holds(f"params.{case.cap.replace('_', '-')}") is False


def _send_cap(case: Case) -> Choice:
    """Roo Code's checkbox. Once it is on, Max Output Tokens is sent, which is -1 unless a number was typed."""
    if cap_refused(case):
        return "off", f"it sends {case.cap}, which is refused"
    return ("on", f"sends Max Output Tokens; {case.judged}") if case.endpoint.max_output_tokens else NOTHING


def _max_output(case: Case) -> Choice:
    wanted, unasked = case.endpoint.max_output_tokens, asks_unasked(case)
    if unasked and case.too_large and (wanted or LARGEST_OUTPUT) >= LARGEST_OUTPUT:
        return (
            LOOK_UP,
            "the most tokens that the model can write: without it the client asks for 32000, which is refused",
        )
    if wanted is None or cap_refused(case):
        return NOTHING
    most = f"; the client asks for at most {LARGEST_OUTPUT}" if unasked and wanted > LARGEST_OUTPUT else ""
    return str(wanted), f"as configured here, sent as {case.cap}{most}"


def asks_unasked(case: Case) -> bool:
    """True if the client limits its answers even if nothing is configured."""
    return _matches(case.client.settings.unasked_cap, case.endpoint.model)


def _window(case: Case) -> Choice:
    configured, said = case.endpoint.context_window, case.found.told_limit
    if said and (configured is None or said < configured):
        return str(said), f"the server says so; {configured or 'nothing'} is configured here"
    if configured:
        return str(configured), "as configured here"
    without = case.client.settings.without_window
    return NOT_KNOWN, f"not configured here, and the server does not say it; without it {without}"


def _images(case: Case) -> Choice:
    if not case.endpoint.images:
        return "off", "not configured here (images), so not judged"
    accepted = case.found.holds(PICTURE)
    if accepted is False:
        return "off", "Roo Code's turn with a picture fails"
    return "on", f"configured here (images); {'a picture was accepted' if accepted else 'not judged'}"


def _computer_use(case: Case) -> Choice:
    wanted, effect = case.endpoint.computer_use, case.client.settings.computer_use
    return NOTHING if wanted is None else ("on" if wanted else "off", f"as configured here; {effect}")


def _price(price: float | None) -> Choice:
    return "" if price is None else f"{price:.12g}", "as configured here, US dollars per million tokens"


VALUES: Mapping[str, Callable[[Case], Choice]] = {
    "base_url": base_url,
    "query": _query,
    "api_key": _key,
    "headers": _headers,
    "model": _model,
    "native_tools": lambda case: ("on", f"the feature that sends tools; {case.judged}"),
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
