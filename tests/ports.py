"""Ports to listen on: each is one test's alone, whatever else runs on this machine meanwhile."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from itertools import count

__all__ = ["free_port"]

_LOWEST, _MANY = 20_000, 12_000
"""Below those that the system gives to whoever asks for any."""

_next = count(os.getpid() * 16)
_reserved: list[socket.socket] = []


def free_port() -> int:
    """A port on which nothing listens, reserved for this process until it ends.

    A test looks for one long before its bot listens. What tells another process of the tests that it is
    taken is a UDP socket of the same number, which does not keep TCP from listening there.
    """
    while True:
        port = _LOWEST + next(_next) % _MANY
        ours = socket.socket(type=socket.SOCK_DGRAM)
        with suppress(OSError), socket.socket() as probe:
            ours.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
            _reserved.append(ours)
            return port
        ours.close()
