"""The page: a header, a tab per folder (Live is a file), and the server under it."""

import logging
import os
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from rich.console import Console
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol

from annotation.studio import Studio
from annotation.ui import endpoints, live, theme
from annotation.ui.cancelling import give_up, is_awaited, lose, page_of
from annotation.ui.correct import tab as correct
from annotation.ui.cut_out import tab as cut_out
from annotation.ui.dataset import tab as dataset
from annotation.ui.getting_ready import Warmup
from annotation.ui.temporary_files import process_home
from annotation.ui.train import tab as train
from annotation.ui.uploads import LARGEST
from annotation.ui.video import tab as video
from annotation.visits.limits import Limits
from annotation.visits.visit import Visit
from annotation.visits.visits import Visits
from annotation.web.address import address_bar
from annotation.web.demo_page import VisitorsPage, notice
from annotation.web.erasing import erasing_route
from annotation.web.forwarding import Forwarded
from annotation.web.gate import Gate
from annotation.web.health import Health
from annotation.web.page_icon import PageIcon
from annotation.web.presence import SCRIPT, Presence
from annotation.web.prometheus import QUEUE
from annotation.web.safe_headers import SafeHeaders, chosen_ancestors
from annotation.web.stopping import finish_on_sigterm, served
from annotation.web.stream_end import StreamEnd
from annotation.web.visitors import Visitors
from matting.environment.proxies import ask_directly

TABS = {"Cut out": cut_out, "Correct": correct, "Dataset": dataset, "Live": live, "Video": video, "Train": train}
"""Each tab is a module with `build(studio)`, which draws it, and, where it needs addresses of its own on the port, with
`routes(studio)`. To add a tab, add its line here; what leads to other tabs is wired in `build`."""
OWNERS_TABS = ("Dataset", "Train")
"""The tabs that a demo lacks."""
NO_SOCKETS = "No WebSocket library is installed, so Correct and Live cannot connect: pip install 'websockets>=13'"

log = logging.getLogger(__name__)


def open_visits(data: Path, limits: Limits) -> Visits:
    """The visits whose datasets lie below `data`; what only the running app needs lies in its scratch folder."""
    cache = process_home() / "gradio"
    cache.mkdir(exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(cache)
    return Visits(data / "visits", process_home() / "visits", cache, limits)


def end_pages(visits: Visits, visit: Visit) -> None:
    """End what runs for the pages of a visit."""
    for page in visits.owned(visit, "page"):
        lose(page)


def build(studio: Studio, warmup: Warmup) -> gr.Blocks:
    """The whole page."""
    page: gr.Blocks
    options: dict[str, Any] = {"title": "Matting studio", "analytics_enabled": False, "fill_width": True}
    with (
        VisitorsPage(studio.visits, **options) if studio.visits else gr.Blocks(delete_cache=(3600, 86400), **options)
    ) as page:
        gr.HTML(theme.HEADER)
        if studio.visits:
            notice(studio.visits.limits)
        gr.HTML("", js_on_load=theme.SCRIPT.read_text(encoding="utf-8"), visible="hidden")
        status = gr.Markdown(warmup.message, elem_id="status", visible=not warmup.is_done)
        tick = gr.Timer(0.5, active=not warmup.is_done)
        tick.tick(warmup.show, outputs=[status, tick], show_progress="hidden", api_visibility="private")
        built, frames = {}, {}
        with gr.Tabs(overflow_behavior="wrap") as tabs:
            for name, tab in tabs_of(studio).items():
                with gr.Tab(name, id=name) as frames[name]:
                    built[name] = tab.build(studio)
        address = address_bar()
        cut_out.wire(built["Cut out"], address)
        correct.wire(
            studio, job=built["Cut out"].job, button=built["Cut out"].correct, editor=built["Correct"], tabs=tabs
        )
        if "Dataset" in built:
            dataset.wire(
                studio,
                built["Dataset"],
                page=page,
                tab=frames["Dataset"],
                editor=built["Correct"],
                tabs=tabs,
                address=address,
            )
        live.wire(built["Live"], editor=built["Correct"], tabs=tabs)
        video.wire(studio, built["Video"], editor=built["Correct"], tabs=tabs)
        if "Train" in built:
            train.wire(studio, built["Train"], frames["Train"], address)
        endpoints.build()
        page.unload(give_up)
        page_name = gr.Textbox(visible="hidden")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        page.load(page_of, outputs=page_name, **quiet).then(None, page_name, js=SCRIPT, **quiet)
    return page


def tabs_of(studio: Studio) -> dict[str, Any]:
    """The tabs that its users see; visitors to a demo have no dataset."""
    return {name: tab for name, tab in TABS.items() if not (studio.visits and name in OWNERS_TABS)}


def routes(studio: Studio) -> list[BaseRoute]:
    """The routes of the page and its tabs besides Gradio's own."""
    of_tabs = [route for tab in tabs_of(studio).values() if hasattr(tab, "routes") for route in tab.routes(studio)]
    own = [Presence(lose).route, *Health(studio.owner or studio.store, studio.folder).routes]
    return [*own, *([erasing_route(studio.visits)] if studio.visits else []), *of_tabs]


def inner_middleware(studio: Studio) -> list[Middleware]:
    """What every admitted request passes, the outermost first."""
    if studio.visits:
        of_demo = [
            Middleware(SafeHeaders, frames=chosen_ancestors()),
            Middleware(Visitors, visits=studio.visits),
        ]
    else:
        of_demo = []
    return [*of_demo, Middleware(PageIcon), Middleware(StreamEnd)]


def serve(
    studio: Studio, *, host: str, port: int, root_path: str = "", names: Collection[str] = (), mcp: bool = False
) -> None:
    """Launch the app and stay until it is stopped.

    `root_path` is the sub-path under which a proxy serves it (web.forwarding.tidy), `names` its host names besides
    `host` (web.gate.read_names). With `mcp`, the named endpoints are the tools of an MCP server, too.
    """
    finish_on_sigterm(is_awaited)
    if AutoWebSocketsProtocol is None:
        log.warning(NO_SOCKETS)
    ask_directly(host)  # Gradio asks its own server when it starts
    warmup = Warmup()
    page = build(studio, warmup)
    page.queue(max_size=64, default_concurrency_limit=4)
    QUEUE.set_function(lambda: len(page._queue))  # private in Gradio 6.31
    _, address, _ = page.launch(
        server_name=f"[{host}]" if ":" in host and "[" not in host else host,
        server_port=port,
        theme=theme.THEME,
        i18n=theme.WORDS,
        css_paths=theme.CSS,
        footer_links=[],
        run_history=False,
        quiet=True,
        ssr_mode=False,  # the Node server of SSR forwards no WebSockets
        max_file_size=LARGEST,
        blocked_paths=[str(studio.folder.resolve())],
        prevent_thread_lock=True,
        root_path=root_path,
        mcp_server=mcp,
        _frontend=False,  # otherwise Gradio looks at the page, and ends the app if a busy computer takes over 3 s
        app_kwargs={
            "routes": routes(studio),
            "middleware": [
                Middleware(Gate, listens=host, names=names),
                Middleware(Forwarded, root_path=root_path),
                *inner_middleware(studio),
            ],
        },
    )
    warmup.start()
    if studio.visits:
        studio.visits.ending.append(partial(end_pages, studio.visits))
        studio.visits.start()
    Console().print(f"Matting studio is open at [link]{address}[/link] (Ctrl+C stops it)", highlight=False)
    page.block_thread()
    served()
