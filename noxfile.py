"""What a contributor runs: `nox -l` lists it. Every session installs the pinned releases of constraints.txt."""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2026.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests", "build"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)  # those of the classifiers
SHIPPED = {  # what the program reads at run time, and where the wheel has it
    "conformance/_data/schemas": "schemas/**/*",
    "conformance/_data/cassettes": "cassettes/**/*",
    "conformance": "conformance/**/*",
}


def install(session: nox.Session, *what: str) -> None:
    """Installs at the pinned releases."""
    session.install("-c", str(ROOT / "constraints.txt"), *what)


def group(name: str) -> list[str]:
    """The requirements of a dependency group."""
    return list(nox.project.dependency_groups(PROJECT, name))


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The quick tests; arguments after -- go to pytest: `-n auto -m full` for the others."""
    install(session, "-e", ".[test]")
    session.run("pytest", *(session.posargs or ["-n", "auto"]))


@nox.session
def browser(session: nox.Session) -> None:
    """The page in the Chromium of this machine; none is downloaded."""
    install(session, "-e", ".[test]", *group("browser"))
    session.run("pytest", "tests/browser", *session.posargs)


@nox.session
def screenshots(session: nox.Session) -> None:
    """Takes the screenshots in the documents, in the Chromium of this machine."""
    install(session, "-e", ".", *group("browser"))
    session.run("python", "-m", "tests.screenshots")


@nox.session
def lint(session: nox.Session) -> None:
    """Lint and formatting."""
    install(session, *group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    install(session, "-e", ".[test]", *group("types"))
    session.run("mypy")


@nox.session
def documents(session: nox.Session) -> None:
    """Rewrites the parts of the documents that the program writes, and the example report."""
    install(session, "-e", ".")
    session.run("python", "-m", "tests.documents")


@nox.session
def demo(session: nox.Session) -> None:
    """The suite against its own reference provider; arguments after -- go to `conformance demo`."""
    install(session, "-e", ".")
    session.run("conformance", "demo", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """The suite against real servers; arguments after -- name some of them."""
    install(session, "-e", ".[test]")
    session.run("python", "-m", "tests.peers.run", *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """Compares how we read answers with the real SDKs: every shape, every fault; needs node and npm."""
    install(session, "-e", ".[test]")
    session.run("python", "-m", "tests.clients.real.run")


@nox.session
def detection(session: nox.Session) -> None:
    """Prints how many known defects a run notices, and under which heading; --write writes it down."""
    install(session, "-e", ".[test]")
    session.run("python", "-m", "tests.detection.run", *session.posargs)


@nox.session
def damage(session: nox.Session) -> None:
    """Breaks the program in twenty ways, one at a time in a copy, and checks that tests fail; numbers after -- choose some."""
    install(session, "-e", ".[test]")
    session.run("python", "-m", "tests.seeded_damage", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measures what a run adds to the endpoint's own time, how judging recorded traffic grows, and what a capture delays."""
    install(session, "-e", ".")
    session.run("python", "bench/bench.py", *session.posargs)
    session.run("python", "bench/recorded.py")
    session.run("python", "bench/reports.py")
    session.run("python", "-m", "bench.capture")


@nox.session
def build(session: nox.Session) -> None:
    """Builds both distributions, checks what they hold, and runs the demo from the wheel, outside the checkout."""
    install(session, *group("build"))
    with tempfile.TemporaryDirectory(prefix="conformance-build-") as folder:
        session.run("python", "-m", "build", "--no-isolation", "--outdir", folder, str(ROOT))
        (wheel,) = Path(folder).glob("*.whl")
        (sdist,) = Path(folder).glob("*.tar.gz")
        missing = sorted(wanted() - wheel_names(wheel)) + sorted(sources() - sdist_names(sdist))
        if missing:
            session.error(f"not in the distributions: {', '.join(missing)}")
        with session.chdir(folder):
            _try_wheel(session, wheel)


def _try_wheel(session: nox.Session, wheel: Path) -> None:
    """Installs the wheel into an empty environment and runs it from there."""
    home = wheel.parent / "empty"
    session.run("python", "-m", "venv", str(home))
    pip = (str(home / "bin/python"), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"))
    session.run(*pip, str(wheel), external=True)
    command = str(home / "bin/conformance")
    session.run(command, "demo", "--output", "report", external=True)
    session.run(command, "demo", "--replay", "--output", "replayed", external=True)
    session.run(command, "explain", "toolstream.index", external=True, silent=True)


def wanted() -> set[str]:
    """Every file that the wheel must hold."""
    return {
        f"{inside}/{file.relative_to(ROOT / pattern.split('*')[0].rpartition('/')[0]).as_posix()}"
        for inside, pattern in SHIPPED.items()
        for file in ROOT.glob(pattern)
        if file.is_file() and "__pycache__" not in file.parts
    }


def sources() -> set[str]:
    """Every file that the source distribution must hold."""
    folders = [ROOT / name for name in ("conformance", "schemas", "cassettes", "tests", "bench")]
    kinds = {".py", ".json", ".j2", ".js", ".yaml"}
    files = [file for folder in folders for file in folder.rglob("*.*") if file.suffix in kinds]
    documents = [*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "constraints.txt", ROOT / "noxfile.py"]
    return {file.relative_to(ROOT).as_posix() for file in [*files, *documents]}


def wheel_names(wheel: Path) -> set[str]:
    """What a wheel holds."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def sdist_names(sdist: Path) -> set[str]:
    """What a source distribution holds, without its top folder."""
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}
