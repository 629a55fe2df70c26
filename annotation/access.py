"""Who may talk to the addresses the app serves besides Gradio's own."""

import inspect
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


async def is_allowed(connection: HTTPConnection) -> bool:
    """Whether a request comes from the app's own pages and, where the app asks for a login, from somebody logged in."""
    return is_own_page(connection) and await is_logged_in(connection)


def is_own_page(connection: HTTPConnection) -> bool:
    """Whether the page that asks is served by this host. A browser always says; other programs need not."""
    origin = connection.headers.get("origin")
    hosts = (connection.headers.get("host"), connection.headers.get("x-forwarded-host"))
    return origin is None or urlsplit(origin).netloc in hosts


async def is_logged_in(connection: HTTPConnection) -> bool:
    """Whether Gradio knows the visitor; true where the app has no login."""
    app = connection.scope["app"]
    dependency = getattr(app, "auth_dependency", None)
    if dependency is not None:
        user = dependency(connection)
        return (await user if inspect.isawaitable(user) else user) is not None
    if getattr(app, "auth", None) is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(app.tokens.get(connection.cookies.get(name)) is not None for name in names)
