"""A parsed page: its elements, attributes and texts, and the elements and attributes that a page may have."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "input"}
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "article",
        "div",
        "span",
    ),
    *("h1", "h2", "h3", "h4", "p", "small", "strong", "code", "pre", "a", "br", "details", "summary"),
    *("table", "tr", "th", "td", "ul", "ol", "li", "dl", "dt", "dd"),
    *("blockquote", "q", "b", "mark", "svg", "line", "circle", "path", "rect", "text"),
    *("form", "label", "select", "option", "input", "button", "output", "script", "nav"),
}
ATTRIBUTES = {
    "class",
    "id",
    "href",
    "rel",
    "open",
    "scope",
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "tabindex",
    *("hidden", "value", "type", "aria-live", "aria-hidden", "data-outcome", "data-category", "data-clients"),
    *(
        "role",
        "aria-label",
        "width",
        "height",
        "x",
        "x1",
        "dx",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "r",
        "d",
        "y",
        "viewbox",
        "preserveaspectratio",
    ),
}


class Page(HTMLParser):
    """Every element of a page; checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.text: list[str] = []
        self.texts: list[tuple[list[str], str]] = []
        self.feed(text)
        self.close()
        assert self.inside == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.texts.append((list(self.inside), data))

    def all(self, tag: str, name: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.found if found == tag and attributes.get("class") == name]

    def within(self, tag: str) -> list[str]:
        """The texts inside of elements of this kind."""
        return [text for inside, text in self.texts if tag in inside and text.strip()]
