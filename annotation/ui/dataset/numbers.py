"""The dataset in numbers for whoever leads the work: what is done, by whom, how much it takes, what is left."""

import io
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from html import escape
from math import ceil

import numpy as np
from numpy.typing import NDArray

from annotation.plurals import counted
from annotation.store import State, Store
from annotation.store.search import SampleNumbers, list_numbers
from matting.arrays import Alpha
from matting.files import read_alpha

FINISHED = (State.DONE, State.APPROVED)
LEFT = (State.TO_DO, State.IN_PROGRESS)
DAYS = 14
"""The number of days that the table shows and the pace is computed from."""
COMPARED = 50
"""The newest samples whose alphas are looked at: that takes up to a fifth of a second each."""
CHANGED = 0.1
"""Difference of alpha from which a pixel counts as changed, and from 0 and 1 from which it counts as soft."""
MINUTES = {"<1": 1, "1–2": 2, "2–4": 4, "4–8": 8, "8–16": 16, "16–32": 32, ">32": np.inf}
SHARES = {"<2": 2, "2–5": 5, "5–10": 10, "10–15": 15, "15–20": 20, "20–30": 30, "30–50": 50, ">50": np.inf}
STROKES = {"0": 1, "1–4": 5, "5–9": 10, "10–19": 20, "20–49": 50, "50–99": 100, ">99": np.inf}
"""What a person reads → the end of that range."""
ALPHAS = {"0": CHANGED, "0.1–0.3": 0.3, "0.3–0.5": 0.5, "0.5–0.7": 0.7, "0.7–0.9": 1 - CHANGED, "1": np.inf}
"""The same for alpha; "0" and "1" include what is nearer to them than CHANGED."""


def numbers_html(store: Store, today: date) -> str:
    """Everything a lead wants to know, as HTML; a diagram only of what two samples or more have."""
    samples = list_numbers(store)
    if not samples:
        return "<p class='dataset-note'>No samples yet.</p>"
    done = [one for one in samples if one.state in FINISHED and one.saved and not one.is_imported]
    worked = [one for one in samples if one.minutes > 0]
    finished = [one for one in samples if one.state in FINISHED and one.saved and one.alpha]
    newest = sorted(finished, key=day_of, reverse=True)[:COMPARED]
    values = [spread_of(store, one.alpha) for one in newest if one.alpha]
    figures = [
        (f"{_count(samples, FINISHED)} of {len(samples)}", f"samples finished: {_states(samples, FINISHED)}"),
        *_pace(samples, done, today),
        *_effort(worked),
        *_corrections(store, newest),
    ]
    cards = "".join(f"<div><b>{value}</b><span>{escape(words)}</span></div>" for value, words in figures)
    parts = [
        f"<div class='numbers-figures'>{cards}</div>",
        _table(done, today),
        _bars("Minutes per sample", [one.minutes for one in worked], MINUTES),
        _bars("Strokes per sample", [one.strokes for one in worked], STROKES),
        _bars("Unknown, % of the photo", [100 * one.unknown for one in samples if one.unknown is not None], SHARES),
        _bars("Soft edge, % of the photo", [100 * float(shares[1:-1].sum()) for shares in values], SHARES),
        _alphas(values),
    ]
    return f"<div class='dataset-numbers'>{''.join(parts)}</div>"


def _count(samples: Sequence[SampleNumbers], states: Sequence[State]) -> int:
    return sum(one.state in states for one in samples)


def _states(samples: Sequence[SampleNumbers], states: Sequence[State]) -> str:
    """How many samples are in each of `states`, in the words of the bar above the pictures."""
    return ", ".join(f"{_count(samples, [state])} {state}" for state in states)


def _pace(samples: Sequence[SampleNumbers], done: Sequence[SampleNumbers], today: date) -> list[tuple[str, str]]:
    """What is left, and how long that takes at the pace of the days that somebody worked on."""
    left = _count(samples, LEFT)
    recent = Counter(day_of(one) for one in done if day_of(one) > today - timedelta(days=DAYS))
    words = f"left: {_states(samples, LEFT)}"
    if not left or not recent:
        return [(str(left), words)]
    days = ceil(left * len(recent) / recent.total())
    pace = recent.total() / len(recent)
    return [(str(left), words), (counted(days, "day"), f"for what is left, at {pace:.3g} per working day")]


def _effort(worked: Sequence[SampleNumbers]) -> list[tuple[str, str]]:
    """Minutes and strokes of the samples that somebody worked on."""
    if not worked:
        return []
    minutes, strokes = (
        float(np.median(values)) for values in zip(*((w.minutes, w.strokes) for w in worked), strict=True)
    )
    return [(f"{minutes:.1f}", "minutes per sample, the median"), (f"{strokes:.0f}", "strokes per sample, the median")]


def _corrections(store: Store, newest: Sequence[SampleNumbers]) -> list[tuple[str, str]]:
    """How much corrections change the alpha that a sample had first."""
    changed = [
        changed_share(store, one.first_alpha, one.alpha)
        for one in newest
        if one.first_alpha and one.alpha and one.first_alpha != one.alpha
    ]
    if not changed:
        return []
    return [(f"{np.median(changed):.1%}", f"of a photo changed by correcting, the median of {len(changed)}")]


def day_of(one: SampleNumbers) -> date:
    """The day its current revision was saved."""
    assert one.saved is not None
    return one.saved.date()


@lru_cache(maxsize=4096)
def changed_share(store: Store, before: str, after: str) -> float:
    """The share of pixels whose alpha differs between two stored files."""
    return float((np.abs(alpha_of(store, after) - alpha_of(store, before)) > CHANGED).mean())


@lru_cache(maxsize=4096)
def spread_of(store: Store, name: str) -> NDArray[np.float64]:
    """The share of the pixels of a stored alpha in each of ALPHAS."""
    alpha = alpha_of(store, name)
    return np.histogram(alpha, bins=[0, *ALPHAS.values()])[0] / alpha.size


def alpha_of(store: Store, name: str) -> Alpha:
    """(H, W) float32: the stored alpha of that name."""
    return read_alpha(io.BytesIO(store.files.get(name)))


def _table(done: Sequence[SampleNumbers], today: date) -> str:
    """Samples done by day and person, and in all; only days on which any were."""
    counts = Counter((day_of(one), one.person or "no name") for one in done)
    days = sorted({day for day, _ in counts if day > today - timedelta(days=DAYS)}, reverse=True)
    people = sorted({person for day, person in counts if day in days})
    if not days:
        return ""
    head = "".join(f"<th scope='col'>{escape(person)}</th>" for person in people)
    rows = "".join(
        f"<tr><th scope='row'>{day:%a %d %b}</th>"
        + "".join(f"<td>{counts[day, person] or ''}</td>" for person in people)
        + "</tr>"
        for day in days
    )
    sums = "".join(f"<td>{sum(counts[day, person] for day in days)}</td>" for person in people)
    return (
        f"<section><h4>Done in the last {DAYS} days</h4><table><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{rows}</tbody><tfoot><tr><th scope='row'>in all</th>{sums}</tr></tfoot></table></section>"
    )


def _bars(title: str, values: Sequence[float], ranges: dict[str, float]) -> str:
    """How many values lie in each range; nothing for fewer than two."""
    if len(values) < 2:
        return ""
    counts = np.histogram(values, bins=[0, *ranges.values()])[0]
    return _diagram(title, {name: (float(count), f"{count}") for name, count in zip(ranges, counts, strict=True)})


def _alphas(values: Sequence[NDArray[np.float64]]) -> str:
    """How alpha is distributed over the pixels of several samples; nothing for fewer than two."""
    if len(values) < 2:
        return ""
    shares = 100 * np.mean(values, axis=0)
    bars = {name: (float(share), f"{share:.1f}") for name, share in zip(ALPHAS, shares, strict=True)}
    return _diagram("Alpha, % of the pixels", bars)


def _diagram(title: str, bars: dict[str, tuple[float, str]]) -> str:
    """Bars by name: (length, what is written at its end)."""
    longest = max(length for length, _ in bars.values()) or 1
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd><i style='width:{70 * length / longest:.0f}%'></i>{words}</dd>"
        for name, (length, words) in bars.items()
    )
    return f"<section><h4>{title}</h4><dl class='numbers-bars'>{rows}</dl></section>"
