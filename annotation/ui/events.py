"""How the page's events run: the keywords that Gradio's events take, and the parts they go between."""

from typing import Any, TypeAlias

Part: TypeAlias = Any
"""Something on the page that an event reads or fills. Gradio gives components their events only at run time."""
Options: TypeAlias = dict[str, Any]
"""Keywords of an event, as Gradio has them."""

PRIVATE: Options = {"api_visibility": "private"}
QUIET: Options = PRIVATE | {"show_progress": "hidden"}
AT_ONCE: Options = QUIET | {"queue": False}
"""How an event that takes no time runs."""
SUBJECT_RUN: Options = PRIVATE | {"concurrency_id": "subject", "concurrency_limit": 1}
"""Subject models take seconds and queue up for the whole app: two at once on the same cores are slower."""
EDGE_RUN: Options = PRIVATE | {"concurrency_id": "edges", "concurrency_limit": 16}
"""Edges of a large photo can take minutes. solving/separate_process.py says how many are worked out at once; the
others wait there, where they can be cancelled, and nobody's subject waits for them."""
LATEST: Options = {"trigger_mode": "always_last"}
"""What was asked for while a step ran is done after it; Gradio's default, "once", would drop it."""
