"""The memory of the running app while a program asks it for many small pictures.

    python -m benchmarks.hosting.requests [--count 10000] [--side 64] [--model modnet | --model shared --trimap]

Each request sends another picture. Memory is the proportional set size of the app and of the processes it started,
printed ten times on the way, with handles, threads and disk. gradio_client gives a request up, now and then, if the
stream of answers closes while it asks; it is asked again, and these are counted. It needs Linux.
"""

import time
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from gradio_client import Client, handle_file
from rich.console import Console

from benchmarks.generated.photo import hair_photo
from benchmarks.hosting.processes import app_process_of, data_in, temporary_folder, used_by
from matting.files import write_image
from tests.browser import running_app


def pictures(folder: Path, side: int, count: int) -> tuple[list[Path], Path]:
    """`count` small pictures that differ, and a trimap for all of them."""
    drawn = hair_photo(side, side)
    rng = np.random.default_rng(0)
    paths = [folder / f"{index}.png" for index in range(count)]
    for path in paths:
        write_image(path, np.clip(drawn.image + rng.integers(-8, 9, 3), 0, 255).astype(np.uint8))
    write_image(trimap := folder / "trimap.png", drawn.trimap)
    return paths, trimap


def main(
    count: Annotated[int, typer.Option(help="Number of requests.")] = 10_000,
    side: Annotated[int, typer.Option(help="Side of each picture, in pixels.")] = 64,
    model: Annotated[str, typer.Option(help="The model that is asked.")] = "modnet",
    trimap: Annotated[bool, typer.Option("--trimap", help="Send a trimap with each picture.")] = False,
) -> None:
    """Print the memory on the way."""
    console = Console(width=120)
    with temporary_folder() as folder:
        photos, drawn = pictures(folder, side, 50)
        with running_app(data_in(folder)) as address:
            app = app_process_of(folder)
            client = Client(address, verbose=False, download_files=False)
            begun, given_up = time.monotonic(), 0
            for index in range(count + 1):
                if index in (0, 50, 200) or index % max(1, count // 10) == 0:
                    per_request = (time.monotonic() - begun) / max(index, 1)
                    used = used_by(app, folder)
                    console.print(f"{index} requests: {used}; {per_request:.2f} s each, {given_up} twice")
                photo = handle_file(photos[index % len(photos)])
                asked = photo, handle_file(drawn) if trimap else None, model
                try:
                    client.predict(*asked, api_name="/alpha")
                except CancelledError:
                    given_up += 1
                    client.predict(*asked, api_name="/alpha")


if __name__ == "__main__":
    typer.run(main)
