"""No test of the session may reach the network: where one tries, it fails."""

from __future__ import annotations

import sys

_NETWORK = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _NETWORK and not isinstance(arguments[-1], str | bytes):  # a text is the name of a local socket
        raise RuntimeError(f"a test asks for the network: {event} {arguments!r}")


sys.addaudithook(_refuse)
