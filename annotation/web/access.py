"""Who may use the routes besides Gradio's own; gate.py comes before this.

Gradio has no public way to ask who is logged in, so this reads its app's tokens. This holds for Gradio 6.31;
tests/annotation/web/test_access.py logs in to a real one.
"""

import inspect

from starlette.requests import HTTPConnection


async def is_logged_in(connection: HTTPConnection) -> bool:
    """Whether Gradio knows the visitor; true if the app has no login."""
    app = connection.scope["app"]
    dependency = getattr(app, "auth_dependency", None)
    if dependency is not None:
        user = dependency(connection)
        return (await user if inspect.isawaitable(user) else user) is not None
    if getattr(app, "auth", None) is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(app.tokens.get(connection.cookies.get(name)) is not None for name in names)
