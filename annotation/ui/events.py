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
EACH: Options = {"trigger_mode": "multiple", "concurrency_limit": 1}
"""Every press counts, one after the other, however quickly they come. Events that belong together share their
`concurrency_id`. Gradio's default, "once", drops a press while the one before is being answered: it is right for work
that takes a while and should not be begun twice."""
SINGLE_CLICK = "single-click"
"""Class of buttons that leave what they act on, such as *Approve*, which shows the next sample: page.js takes a double
click there for one."""
