"""The options that all commands which train have."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Output: TypeAlias = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="The .safetensors file to write.")
]
Start: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Weights to start from; default: the shipped ones.")
]
FromNothing: TypeAlias = Annotated[bool, typer.Option("--from-nothing", help="Start from random weights instead.")]
Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")]
RunFolder: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of checkpoints and logs; default: runs/OUTPUT.")
]
Anew: TypeAlias = Annotated[bool, typer.Option("--anew", help="Discard the earlier run and start over.")]


def run_folder(run: Path | None, output: Path) -> Path:
    """The folder of the run that writes `output`."""
    return run or Path("runs") / output.stem
