"""The real SDKs on real sockets, with which the readers are compared.

    python -m tests.clients.real SHAPE ...     # what every SDK makes of some shapes of tests/clients/shapes.py
    python -m tests.clients.real.run           # all shapes and all faults, compared with the readers: `nox -s clients`

The npm packages go to the cache of `tests/peers/installs.py`; the OpenAI Python SDK is in the dependency group `clients`.
"""
