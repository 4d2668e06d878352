"""What tests over TLS need."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody has signed, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    file = tmp_path_factory.mktemp("tls") / "self-signed.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
    named = "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1,DNS:provider.example"
    command = [*made.split(), *named.split(), "-keyout", file, "-out", f"{file}.crt"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 our own words
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file
