"""The dataset in numbers: tables for the plots."""

import numpy as np
import pandas as pd

from annotation.plurals import counted
from annotation.store import Store
from annotation.store.search import list_numbers

MINUTES = (0, 1, 2, 4, 8, 16, 32, np.inf)
MINUTE_NAMES = ["<1", "1–2", "2–4", "4–8", "8–16", "16–32", ">32"]
SHARES = np.array([0, 2, 5, 10, 15, 20, 30, 50, 100]) / 100
SHARE_NAMES = ["0–2", "2–5", "5–10", "10–15", "15–20", "20–30", "30–50", ">50"]


def numbers(store: Store) -> tuple[str, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(a line of words, samples over time, samples by unknown share, samples by minutes spent)."""
    table = pd.DataFrame([vars(one) for one in list_numbers(store)])
    if table.empty:
        names = (["day", "samples"], ["unknown", "samples"], ["minutes", "samples"])
        return "No samples yet.", *(pd.DataFrame(columns=columns) for columns in names)  # type: ignore[return-value]
    days = table["created"].dt.floor("D").value_counts().sort_index().cumsum()
    days[days.index[0] - pd.Timedelta(days=1)] = 0  # a line starts somewhere
    days = days.sort_index()
    shares = np.histogram(table["unknown"].dropna().astype(float), bins=SHARES)[0]
    worked = table.loc[table["minutes"] > 0, "minutes"]
    counts = np.histogram(worked, bins=MINUTES)[0]
    words = f"**{counted(len(table), 'sample')}**"
    if len(worked):
        words += f" · **{worked.median():.1f}** minutes a sample, **{table['minutes'].sum() / 60:.1f}** hours in all"
    return (
        words,
        pd.DataFrame({"day": days.index, "samples": days.to_numpy()}),
        pd.DataFrame({"unknown": SHARE_NAMES, "samples": shares}),
        pd.DataFrame({"minutes": MINUTE_NAMES, "samples": counts}),
    )
