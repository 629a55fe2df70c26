"""Tables and JSON of metrics, for `evaluate` and `bench`."""

import json
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from matting.files import write_file
from matting.files.listing import by_stem
from matting.metrics import METRICS

Row: TypeAlias = dict[str, str | float]
"""One measurement: "model", "image", the names in METRICS, and "seconds" where it was timed."""


def pictures_of(folder: Path) -> dict[str, Path]:
    """As `by_stem`; ValueError too if the folder holds none."""
    found = by_stem(folder)
    if not found:
        raise ValueError(f"{folder} holds no pictures")
    return found


def means(rows: list[Row]) -> list[Row]:
    """One row per model, in order of appearance: the mean of every number over its images."""
    result = []
    for model in dict.fromkeys(row["model"] for row in rows):
        own = [row for row in rows if row["model"] == model]
        numbers = [name for name in own[0] if name not in ("model", "image")]
        result.append({"model": model} | {name: sum(float(row[name]) for row in own) / len(own) for name in numbers})
    return result


def print_table(rows: list[Row], title: str) -> None:
    """`rows` on stdout, the best of each column in bold where there are several."""
    table = Table(title=Text(title))
    best = {name: min(float(row[name]) for row in rows) for name in rows[0] if name not in ("model", "image")}
    for name in rows[0]:
        table.add_column(_heading(name), justify="right" if name in best else "left")
    for row in rows:
        cells = []
        for name, value in row.items():
            text = str(value) if name not in best else f"{value:.4f}" if name in ("mse", "mad") else f"{value:.2f}"
            cells.append(Text(text, "bold" if len(rows) > 1 and best.get(name) == value else ""))
        table.add_row(*cells)
    Console().print(table)


def one_line(row: Row) -> str:
    """`row` in one line, for a person to follow."""
    numbers = " · ".join(f"{_heading(name)} {row[name]:.4f}" for name in METRICS)
    return f"{row['model']}, {row['image']}: {numbers}" + (f" · {row['seconds']} s" if "seconds" in row else "")


def write_json(path: Path, rows: list[Row], *, dataset: Path, trimap: str | None) -> None:
    """Every row and the means, as the README describes; the file appears whole or not at all."""
    content = {"dataset": str(dataset), "trimap": trimap, "results": rows, "means": means(rows)}
    text = json.dumps(content, indent=2, ensure_ascii=False)
    write_file(path, text.encode(errors="backslashreplace") + b"\n")  # a name of bytes that are not text becomes \udc…


def _heading(name: str) -> str:
    """SAD, MSE and MAD are initials; the other columns are words."""
    return name.upper() if name in METRICS[:3] else name.capitalize()
