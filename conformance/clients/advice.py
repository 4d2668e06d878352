"""What is probably a mistake in a base URL or a model id, and what to type instead. Pure; nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.clients.url import CHAT, host_of, parsed


@dataclass(frozen=True)
class Typed:
    """A base URL as typed, and the parts that its user probably meant."""

    base: str

    @property
    def bare(self) -> str:
        """Without the blanks around it."""
        return self.base.strip()

    @property
    def path(self) -> str:
        """Without query and fragment."""
        return self.bare.split("#")[0].partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.bare.split("#")[0].partition("?")[2]

    @property
    def root(self) -> str:
        """The base URL that was most likely meant: no endpoint's path, no slash at the end."""
        return re.sub(r"/chat(/completions)?/*$", "", self.path).rstrip("/")

    @property
    def names_version(self) -> bool:
        """True for a path with a step like /v1, /v4 or /v1beta, or of several steps: not every API has versions."""
        steps = [step for step in re.sub(r"^[^:]*://[^/]*", "", self.path).split("/") if step]
        return len(steps) > 1 or any(re.fullmatch(r"v\d+\w*", step) for step in steps)


# The agents' native OpenAI provider lists such ids; no API serves them.
EFFORT = re.compile(r"((?:.*/)?o\d(?:-mini|-pro)?)-(low|medium|high)")


def advice(base: str, model: str = "") -> list[str]:
    """One sentence for each likely mistake; [] if nothing looks wrong."""
    typed = Typed(base)
    return [*_about_form(typed), *_about_path(typed), *_about_names(host_of(base), model)]


def detour(client: Client, base: str, model: str, judged: str) -> str:
    """Why a client does not call the judged URL with this base URL, and what to type; "" if it does.

    Azure's hosts are skipped: clients build other paths for them, and which one is right depends on the resource.
    """
    built = client.chat(base, model)
    if built.url == parsed(judged).url or _of_azure(host_of(base)):
        return ""
    calls = f"calls {built.url}" if built.url else f"says {built.error!r}"
    lines = advice(base, model)
    return f"With this base URL {client.name} {calls} instead of {judged}. {lines[0] if lines else ''}".rstrip()


def _of_azure(host: str) -> bool:
    return host == "azure.com" or host.endswith(".azure.com")


def _about_form(typed: Typed) -> Iterator[str]:
    bare = typed.bare
    if not re.match(r"https?://", bare):
        yield f"It has no scheme: type http://{bare} or https://{bare}."
    if typed.base != bare:
        yield f"It has blanks around it: type {bare}."
    if " " in bare:
        yield "It contains a blank, which is sent as %20."
    if typed.query:
        yield "It has a query, and clients append their path to the query. Leave the query out."
    if "#" in bare:
        yield "What follows # is never sent, and clients append their path there. Leave # out, and what follows it."


def _about_path(typed: Typed) -> Iterator[str]:
    path, root = typed.path, typed.root
    if root != path.rstrip("/"):
        yield f"It is the full URL of an endpoint, and clients append {CHAT} to it: type {root}."
    elif path.endswith("/"):
        yield f"It ends in a slash: Roo Code and Kilo Code (legacy) ask for {path}/models. Type {root}."
    if not typed.names_version:
        yield f"Its path has no version. If the provider's documentation has one: type {root}/v1."
    if "/v1/v1" in root:
        yield f"It contains /v1 twice: type {root.replace('/v1/v1', '/v1')}."


def _about_names(host: str, model: str) -> Iterator[str]:
    """What clients wrongly conclude from a host or a model id that looks like another."""
    if _of_azure(host):
        yield (
            "It is a host of Azure: Roo Code and Kilo Code (legacy) build a path with the deployment, add api-version "
            "and send the header api-key."
        )
    if "x.ai" in host and host not in ("x.ai", "api.x.ai"):
        yield "Its host contains x.ai: Roo Code treats it as xAI and does not ask for usage in streams."
    if effort := EFFORT.fullmatch(model):
        yield (
            f"The model id {model} names an effort, which only the agents' own OpenAI provider understands: type "
            f"{effort[1]}, and choose the reasoning effort {effort[2]} in the settings."
        )
    if re.search("o[134]", model):
        yield (
            f"The model id {model} contains o1, o3 or o4: Roo Code treats it as an o-series model and sends the system "
            "prompt with the role developer."
        )
