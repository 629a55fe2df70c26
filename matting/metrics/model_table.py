"""What `compare` measured, as one table in Markdown: a row for each model, its means over the photos."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from matting.metrics import METRICS

COSTS = {"seconds": "seconds", "processor_seconds": "processor seconds", "memory_gb": "memory, GB"}


def model_table(rows: Sequence[dict[str, Any]], machine: str) -> str:
    """The table of the `rows` of compare.json, and on which `machine` it was measured."""
    answered = [row for row in rows if "failed" not in row]
    columns = {name: name.upper() if name in METRICS[:3] else name.capitalize() for name in METRICS} | COSTS
    known = {name: title for name, title in columns.items() if any(row.get(name) is not None for row in answered)}
    lines = [
        f"| {' | '.join(['model', 'photos', *known.values()])} |",
        f"|{'---|' * (2 + len(known))}",
    ]
    for model in dict.fromkeys(row["model"] for row in rows):
        own = [row for row in answered if row["model"] == model]
        cells = [_mean([row[name] for row in own if row.get(name) is not None], name) for name in known]
        lines.append(f"| {' | '.join([f'`{model}`', str(len(own)), *cells])} |")
    return "\n".join([*lines, "", f"Means, measured on {machine}.", ""])


def _mean(values: Sequence[float], name: str) -> str:
    """The mean of `values` with as many places as that column needs; "" if there are none."""
    return f"{fmean(values):.{4 if name in ('mse', 'mad') else 2}f}" if values else ""
