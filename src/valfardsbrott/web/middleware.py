"""Around every answer: headers that keep browsers from doing harm, the session's cookie, a limit on what is sent in."""

from __future__ import annotations

from http.cookies import SimpleCookie

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: No script, style, frame or form but our own; nothing inline, no eval.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Headers:
    """Adds the headers above and the cookie that a request's ``state.cookie`` (name, value or None) asks for.

    Pages are never kept in a cache; static files may be.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app, self.https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if not scope["path"].startswith("/static/"):
                    headers["cache-control"] = "no-store"
                if self.https:
                    headers["strict-transport-security"] = "max-age=31536000"
                if "cookie" in state:
                    headers.append("set-cookie", self._cookie(*state["cookie"]))
            await send(message)

        await self.app(scope, receive, sending)

    def _cookie(self, name: str, value: str | None) -> str:
        made: SimpleCookie = SimpleCookie()
        made[name] = value or ""
        made[name]["path"], made[name]["httponly"], made[name]["samesite"] = "/", True, "Lax"
        if value is None:
            made[name]["max-age"] = 0
        if self.https:
            made[name]["secure"] = True
        return made[name].OutputString()


class TooLarge(HTTPException):
    """More was sent than may be."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyLimit:
    """Refuses a body of more than ``most`` bytes, whether it is announced or only turns out so."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        received = int(announced) if announced.isdigit() and int(announced) > self.most else 0

        async def receiving() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most:
                raise TooLarge
            return message

        await self.app(scope, receiving, send)
