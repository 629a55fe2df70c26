"""Which address of a demo needs what: the one table of all of them. What is not in it is closed.

The addresses of Gradio are those of Gradio 6.31; tests/annotation/visits/test_visitors.py says which ones are new.
"""

import re
from enum import Enum


class Rule(Enum):
    """What a request must prove."""

    OPEN = "nothing: the same for everybody"
    PAGE = "nothing, and a visit begins"
    MINE = "a visit, in which the answer is looked for"
    NAMED = "a visit that owns the page, the event and the files that it names"
    FILE = "a visit that gave or was shown the file"
    CLOSED = "there is no such address in a demo"


RULES = {
    r"/|/config/?": Rule.PAGE,
    r"/(healthz|readyz|favicon\.ico|robots\.txt|theme\.css|manifest\.json|pwa_icon(/.*)?)": Rule.OPEN,
    r"/(assets|static|svelte|correct/static|live/static)(/.*)?": Rule.OPEN,
    r"/gradio_api/(info|startup-events|app_id|theme\.css|user|login_check|token)/?": Rule.OPEN,
    r"/(presence|gradio_api/heartbeat)/(?P<page>[^/]+)": Rule.NAMED,
    r"/gradio_api/(queue/join|queue/data|cancel|reset|upload|upload_progress)/?": Rule.NAMED,
    r"/gradio_api/(run|api)/[^/]+/?": Rule.NAMED,
    r"/gradio_api/call/[^/]+/?": Rule.NAMED,
    r"/gradio_api/call/(v2/)?[^/]+/(?P<event>[^/]+)/?": Rule.NAMED,
    r"/gradio_api/file=(?P<file>.*)": Rule.FILE,
    r"/correct/(socket|works(/.*)?)": Rule.MINE,
    r"/live/(socket|snapshot)": Rule.MINE,
    r"/visit(/.*)?": Rule.MINE,
    r"/(login|logout|openapi\.json|monitoring)(/.*)?": Rule.CLOSED,
    r"/gradio_api/(deep_link|runs|run-history|openapi\.json|custom_component|stream|dev|queue/status)(/.*)?": (
        Rule.CLOSED
    ),
    r"/gradio_api/(proxy=|file/).*": Rule.CLOSED,
    r"/gradio_api/(component_server|component_prompt|process_recording|vibe-.*|undo-vibe-.*)/?": Rule.CLOSED,
}
"""A pattern of the whole path below the app's own address → what it needs."""
TABLE = [(re.compile(pattern, re.DOTALL), rule) for pattern, rule in RULES.items()]


def rule_of(path: str) -> tuple[Rule, dict[str, str]] | None:
    """The rule of a path, and what the path names by page, event and file; None if the table lacks it."""
    for pattern, rule in TABLE:
        if found := pattern.fullmatch(path):
            return rule, {kind: name for kind, name in found.groupdict().items() if name}
    return None
