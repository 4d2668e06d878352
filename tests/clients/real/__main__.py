"""Prints what every real SDK makes of some shapes, or of all of them, as JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tests.clients.real import openai_python
from tests.clients.real.node import PACKAGES, Node, node
from tests.clients.real.shapes_served import served
from tests.clients.shapes import SHAPES, Shape, question


def main() -> None:
    """One object, from shape to SDK to what it made of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients.real", description=__doc__)
    parser.add_argument("shape", nargs="*", choices=[*SHAPES, []], metavar="SHAPE")
    chosen = parser.parse_args().shape or list(SHAPES)
    with served() as root, node() as running:
        print(shown({name: measured(SHAPES[name], root, running) for name in chosen}))


def measured(shape: Shape, root: str, running: Node) -> dict[str, Any]:
    """What each SDK makes of one shape."""
    base, body = f"{root}/{shape.name}/v1", question(shape)
    seen = {sdk: running.ask(sdk, base, "key", body) for sdk in PACKAGES if sdk != "axios"}
    forms = [form for form in openai_python.FORMS if shape.streamed or form != "stream()"]
    return seen | {f"openai-python {form}": openai_python.ask(form, base, "key", body) for form in forms}


def shown(seen: dict[str, dict[str, Any]]) -> str:
    """As JSON, with one line for each SDK."""
    shapes = [f'"{name}": {{\n{each(forms)}\n}}' for name, forms in seen.items()]
    return "{\n" + ",\n".join(shapes) + "\n}"


def each(forms: dict[str, Any]) -> str:
    """The line of each SDK."""
    return ",\n".join(f'  "{sdk}": {json.dumps(result, ensure_ascii=False)}' for sdk, result in forms.items())


if __name__ == "__main__":
    main()
