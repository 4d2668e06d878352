"""Runs llama.cpp's own HTTP server until it is stopped; executed by the Python of the peer's environment.

    python llama_cpp_server.py MODEL.gguf ALIAS PORT        the key is taken from the variable PEER_KEY

The wheel ships the server as a library and no executable, hence this script.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import xllamacpp  # type: ignore[import-not-found,unused-ignore]


def main(model: str, alias: str, port: str) -> None:
    """Serve `model` under the name `alias` on a loopback port."""
    settings = xllamacpp.CommonParams()
    settings.model.path = model
    settings.model_alias = {alias}
    settings.hostnames, settings.port = ["127.0.0.1"], int(port)
    settings.api_keys = [os.environ["PEER_KEY"]]
    # Two at a time, either of which may have the whole context: each looks through the cells of both.
    settings.n_ctx, settings.n_parallel, settings.kv_unified = int(os.environ["PEER_CONTEXT"]), 2, True
    # The same answer every time, where a request leaves it open.
    settings.sampling.temp, settings.sampling.seed = 0.0, 1
    settings.n_predict = 1024  # a model without sense may never come to an end
    settings.cpuparams.n_threads = 2
    settings.use_jinja, settings.ui, settings.offline = True, False, True
    server = xllamacpp.Server(settings)
    print("listening on", server.listening_address, flush=True)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    os._exit(0)  # the server's own threads would keep the process alive


if __name__ == "__main__":
    main(*sys.argv[1:])
