"""Texts of a report as markup, for the page only; every result is escaped, whatever went in. Pure."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from conformance.report.text import line

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+")
_STARTED = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\+00:00|Z)")


def prose(text: str, most: int = 1_000) -> Markup:
    """A sentence with its `code` set as code."""
    pieces = line(text, most).split("`")
    if len(pieces) % 2 == 0:
        return escape("`".join(pieces))
    marked = (Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(pieces))
    return Markup("").join(marked)


def between_tags(text: str) -> Markup:
    """The text for the inside of an element, never for an attribute: quotes are not escaped.

    Escaped, the quotes of JSON would be an eighth of the page.
    """
    return Markup(str(escape(text)).replace("&#34;", '"').replace("&#39;", "'"))  # noqa: S704 - < > & stay escaped


def linked(text: str) -> Markup:
    """A source with its http and https addresses as links; no other kind of address becomes a link."""
    shown, parts, at = line(text, 600), [], 0
    for found in _ADDRESS.finditer(shown):
        parts += [escape(shown[at : found.start()]), _link(found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(shown[at:])])


def _link(address: str) -> Markup:
    return Markup('<a href="{0}">{0}</a>').format(address)  # the page's own policy sends no referrer


def moment(started: str) -> str:
    """`2026-11-25 10:00 UTC`; any other text stays as it is."""
    found = _STARTED.fullmatch(started)
    return f"{found[1]} {found[2]} UTC" if found else started
