"""Finds files of recorded traffic, and the format of each by its content, never by its name.

Formats are found by walking `formats/`. A file that cannot be read gets a short reason, and the others are still judged.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from conformance.traffic import formats
from conformance.traffic.content import content_of
from conformance.traffic.recorded import Recorded, Unreadable

PACKED = {".gz"}
# Folders of tools, which hold no traffic. Other names with a dot are read: some recorders give such names to their folders.
TOOLS = {".git", ".hg", ".svn", ".venv", ".tox", ".nox"}


@cache
def known_formats() -> tuple[ModuleType, ...]:
    """Every module of `formats/`, those that accept almost anything last."""
    names = [module.name for module in pkgutil.iter_modules(formats.__path__)]
    found = [importlib.import_module(f"conformance.traffic.formats.{name}") for name in names]
    return tuple(sorted(found, key=lambda module: module.GENERIC))


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are named, and those in named folders whose names or first bytes are those of a format, in order."""
    for path in paths:
        yield from sorted(_within(path)) if os.path.isdir(path) else (path,)


def _within(folder: Path) -> Iterator[Path]:
    """Includes the folders that cannot be listed, so that reading them reports why."""
    closed: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if name not in TOOLS]
        yield from (path for name in names if _named_so(path := Path(here, name)) or _begins_so(path))
    yield from (Path(error.filename) for error in closed)


def _named_so(path: Path) -> bool:
    return path.suffix.lower() in PACKED.union(*(module.SUFFIXES for module in known_formats()))


def _begins_so(path: Path) -> bool:
    """True for a file whose name says nothing: some recorders use the name of the test as it is."""
    if not os.path.isfile(path):
        return False
    beginnings = tuple(beginning for module in known_formats() for beginning in module.BEGINNINGS)
    try:
        with path.open("rb") as file:
            return file.read(40).removeprefix(b"---\n").startswith(beginnings)
    except OSError:
        return False


def read(path: Path) -> tuple[str, Iterator[Recorded]]:
    """The format of a file and its exchanges, made one by one; raises Unreadable."""
    content = content_of(path)
    for module in known_formats():
        found = module.detect(content)
        if found is not None:
            return module.NAME, found
    described = ", ".join(module.DESCRIPTION for module in known_formats() if module.DESCRIPTION)
    raise Unreadable(content.problem or f"is none of the known formats ({described})")
