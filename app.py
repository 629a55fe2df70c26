"""The app: build the page, launch it. `python app.py --help` lists the options."""

from pathlib import Path
from typing import Annotated

import typer

from annotation.ui.page import serve


def main(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every computer that reaches this.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
    data: Annotated[Path, typer.Option(help="Folder of the dataset and of the work in progress.")] = Path("data"),
) -> None:
    """Open the matting studio in a browser: photos in, alpha mattes out, corrections kept."""
    serve(host=host, port=port, data=data)


if __name__ == "__main__":
    typer.run(main)
