"""Access to a page: under names of this host, from the page itself, and beyond this machine with a token only."""

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of all responses: nothing from another host, nothing for another page, nothing kept."""


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which others cannot reach."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Refuses requests from other pages, under other names, or without the token; adds `HEADERS` to all responses.

    A page of another site can send requests to a server on this machine. Such requests are recognised by their
    ``Origin``, or, where a foreign name was bound to this machine's address (DNS rebinding), by their ``Host``.

    Args:
        app: The application that answers all other requests.
        host: The address that is served; on a loopback address only this machine's own names are accepted.
        token: The token that visitors need; empty: none.
        verb: The verb that serves the page, for messages and the name of the cookie.
    """

    def __init__(self, app: ASGIApp, host: str, token: str = "", verb: str = "studio") -> None:
        self.app, self._token, self._verb = app, token, verb
        self._names = {"localhost", "127.0.0.1", "::1", host} if is_loopback(host) else set[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._responder(Request(scope))(scope, receive, with_headers)

    def _responder(self, request: Request) -> ASGIApp:
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if self._names and _hostname(f"//{host}") not in self._names:
            return PlainTextResponse(f"This host does not serve vid2vid {self._verb}.", 421)
        if origin is not None and urlsplit(origin).netloc != host:
            return PlainTextResponse(f"Other pages may not use vid2vid {self._verb}.", 403)
        if not self._token:
            return self.app
        cookie = f"vid2vid-{self._verb}"
        if request.scope["path"] == "/" and self._is_token(request.query_params.get("token", "")):
            # takes the token out of the address, where others could read it
            answer = RedirectResponse("/", 303)
            answer.set_cookie(cookie, self._token, httponly=True, samesite="strict")
            return answer
        if self._is_token(request.cookies.get(cookie, "")):
            return self.app
        return PlainTextResponse(f"Open the address with the token that vid2vid {self._verb} has printed.", 401)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
