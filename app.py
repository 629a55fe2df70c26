"""The app: build the page, launch it. `python app.py --help` lists the options."""

import atexit
import os
import signal
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while modules load ends the program without a traceback

from annotation.web.stopping import leave

atexit.register(leave)  # the first to be registered is the last to be called

import typer

from annotation.store import StoreError
from annotation.studio import Studio
from annotation.ui.page import open_visits, serve
from annotation.visits.limits import Limits
from annotation.web.forwarding import tidy
from annotation.web.gate import read_names
from annotation.web.prometheus import serve_measures
from matting.environment.logs import LevelOption, LogLevel, start_logging
from matting.environment.memory import keep_giving_back, share_heaps
from matting.environment.terminal import interrupts_raise, stop

Host = Annotated[
    str, typer.Option(help="Address to listen on; with 0.0.0.0 any computer that reaches this one gets in.")
]
Port = Annotated[int, typer.Option(help="Port to listen on.")]
Data = Annotated[Path, typer.Option(help="Folder of the dataset and the drafts.")]
RootPath = Annotated[
    str,
    typer.Option(envvar="GRADIO_ROOT_PATH", help="Sub-path under which a proxy serves the app, such as /studio."),
]
AllowHosts = Annotated[
    str,
    typer.Option(
        envvar="MATTING_ALLOWED_HOSTS",
        help="Host names of this computer or its proxy, separated by commas; * admits every name.",
    ),
]
Mcp = Annotated[
    bool,
    typer.Option(
        "--mcp",
        envvar="GRADIO_MCP_SERVER",
        help="Also serve the named endpoints as tools of an MCP server, at /gradio_api/mcp.",
    ),
]
Metrics = Annotated[
    str,
    typer.Option(
        envvar="MATTING_METRICS",
        help="Address and port at which Prometheus finds measurements, such as 127.0.0.1:9464; by default nowhere.",
    ),
]
Demo = Annotated[
    bool,
    typer.Option(
        "--demo",
        envvar="MATTING_DEMO",
        help="For strangers: nobody sees another's pictures, each visitor has limits, and all is erased after "
        "MATTING_DEMO_KEPT_MINUTES. Always so on a Space.",
    ),
]


def main(
    host: Host = "127.0.0.1",
    port: Port = 7860,
    data: Data = Path("data"),
    root_path: RootPath = "",
    allow_hosts: AllowHosts = "",
    mcp: Mcp = False,
    metrics: Metrics = "",
    demo: Demo = False,
    log_level: LevelOption = LogLevel.WARNING,
) -> None:
    """Open the matting studio in a browser: photos in, alphas out, corrections kept."""
    start_logging(log_level, is_server=True)
    share_heaps()
    keep_giving_back()
    is_space = "SPACE_ID" in os.environ
    is_demo = demo or is_space
    if mcp and is_demo:
        raise stop("--mcp is for your own studio: a demo serves visitors, and a tool has none")
    if mcp and not find_spec("mcp"):
        raise stop("--mcp needs the package mcp: pip install 'mcp>=1.21,<2'")
    try:
        root_path, names = tidy(root_path), read_names(allow_hosts)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    scratch = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()).resolve()
    if scratch.is_relative_to(data.resolve()):
        raise stop(f"--data must be a folder of its own, but {data} holds this computer's temporary files, {scratch}")
    try:
        if metrics:
            serve_measures(metrics)
    except (ValueError, OSError) as error:
        raise stop(f"--metrics {metrics}: {getattr(error, 'strerror', None) or error}") from error
    if is_space:
        names, host = names | read_names(os.environ.get("SPACE_HOST", "")), "0.0.0.0"
    try:
        studio = Studio.open_demo(data, open_visits(data, Limits.from_environment())) if is_demo else Studio.open(data)
        serve(studio, host=host, port=port, root_path=root_path, names=names, mcp=mcp)
    except StoreError as error:
        raise stop(error) from error
    except OSError as error:
        if "empty port" not in str(error):  # Gradio's words
            raise
        raise stop(f"--port {port} is taken by another program, or {host} is no address of this computer") from error


if __name__ == "__main__":
    interrupts_raise()
    typer.run(main)
