"""Serving a page: its socket, the token of its visitors, its address, and the server."""

import logging
import secrets
import socket

import uvicorn
from starlette.types import ASGIApp

from vid2vid.errors import ConfigError
from vid2vid.studio.guard import is_loopback


def visitors_token(host: str) -> str:
    """Return a new token that visitors of a page need; empty on a loopback address, where they need none."""
    return "" if is_loopback(host) else secrets.token_urlsafe(24)


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        ConfigError: The address cannot be served on.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(f"host={host} port={port}: cannot be served there ({error}); give another port.") from error


def page_address(listening: socket.socket, host: str, token: str) -> str:
    """Return the address to open in a browser."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}/{token and f'?token={token}'}"


def quiet_server(app: ASGIApp) -> uvicorn.Server:
    """Return a server that reports errors only, and none of requests that are cancelled when it ends."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2)
    )
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
    return server
