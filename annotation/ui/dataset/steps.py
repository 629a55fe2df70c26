"""What the gallery does, as plain functions of the store: pages, one sample, its revisions, numbers."""

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape

import numpy as np
from numpy.typing import NDArray

from annotation.plurals import counted
from annotation.store import (
    FACTS,
    Filter,
    Revision,
    Sample,
    Split,
    State,
    Store,
    count_samples,
    count_states,
    find_samples,
    get_revision,
    get_sample,
    list_revisions,
)
from annotation.store.search import current_revisions
from matting.arrays import Alpha, Image, to_float, to_uint8
from matting.composite import checkerboard, composite
from matting.files import read_alpha, read_image, read_trimap
from matting.models import short_title
from matting.resize import resize, within

PAGE_SAMPLES = 24
SHOWN_SIDE = 1280
"""Long side in pixels of a picture shown."""
PHOTO = "Photo"
VIEWS = ("Cut-out", "Alpha", "Trimap")
TOOLS = {"editor": "by hand", "import": "imported", "prelabel": "automatic"}
"""What made a revision, in words."""
FINISHED = {"Approved": (State.APPROVED,), "Approved and done": (State.APPROVED, State.DONE)}
"""Which samples are exported or learned from, in words."""
STATES = {state: str(state) for state in State} | {State.OFFERED: "offered by a visitor"}
"""The states of samples, in words."""
SPLITS = {
    Split.TRAIN: "train: to learn from",
    Split.VALIDATION: "validation: to choose by",
    Split.TEST: "test: to test with",
    Split.NONE: "none: it resembles samples of two splits",
}
"""What samples are used for, in words."""
STATE_COLOURS = {
    State.OFFERED: "#a78bfa",
    State.TO_DO: "#cbd5e1",
    State.IN_PROGRESS: "#fbbf24",
    State.DONE: "#2dd4bf",
    State.APPROVED: "#0d9488",
    State.REJECTED: "#f87171",
}


@dataclass(frozen=True)
class Query:
    """What the filter row asks for."""

    text: str = ""
    states: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    assignee: str = ""
    is_deleted: bool = False

    def filter(self) -> Filter:
        """As the store understands it."""
        return Filter(self.text.strip(), self.states, self.splits, self.assignee.strip(), self.is_deleted)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Page:
    """One page of the gallery."""

    pictures: list[tuple[Image, str]]
    samples: list[int]
    number: int
    pages: int
    total: int


def page_of(store: Store, query: Query, number: int) -> Page:
    """The page with that number, from 1, or the nearest there is."""
    total = count_samples(store, query.filter())
    pages = max(1, -(-total // PAGE_SAMPLES))
    number = min(max(1, number), pages)
    samples = find_samples(store, query.filter(), limit=PAGE_SAMPLES, offset=(number - 1) * PAGE_SAMPLES)
    revisions = current_revisions(store, samples)
    pictures = [
        (
            badged(store, sample, revisions.get(sample.id)),
            f"{sample.id} · {sample.name} · {STATES[State(sample.state)]}",
        )
        for sample in samples
    ]
    return Page(pictures, [sample.id for sample in samples], number, pages, total)


def page_with(store: Store, query: Query, sample: int) -> int:
    """The number of the page that holds the sample."""
    return count_samples(store, replace(query.filter(), before=sample)) // PAGE_SAMPLES + 1


def badged(store: Store, sample: Sample, revision: Revision | None) -> Image:
    """The small picture of a sample: cut out if it has an alpha, with a bar below in the colour of its state."""
    picture = thumbnail(store, sample)
    if revision and revision.alpha:
        alpha = small_alpha(store, revision.alpha, picture.shape[:2])
        picture = to_uint8(composite(to_float(picture), alpha, checkerboard(alpha.shape)))
    bar = np.frombuffer(bytes.fromhex(STATE_COLOURS[State(sample.state)][1:]), np.uint8)
    return np.concatenate([picture, np.broadcast_to(bar, (max(2, len(picture) // 24), picture.shape[1], 3))])


@lru_cache(maxsize=4096)
def small_alpha(store: Store, name: str, size: tuple[int, int]) -> Alpha:
    """The stored alpha of that name at the size of a thumbnail, (h, w) float32."""
    return resize(read_alpha(io.BytesIO(store.files.get(name))), size)


def thumbnail(store: Store, sample: Sample) -> Image:
    """The small picture of a sample."""
    return read_image(io.BytesIO(store.files.get(sample.thumbnail)))


def progress_html(store: Store) -> str:
    """How far along the whole set is: a bar of the states, and their counts."""
    counts = count_states(store)
    total = sum(counts.values())
    if not total:
        return "<p class='dataset-note'>No samples yet. Bring photos in below.</p>"
    bars = "".join(
        f"<span style='flex:{count};background:{STATE_COLOURS[state]}' title='{count} {STATES[state]}'></span>"
        for state, count in counts.items()
        if count
    )
    words = "".join(
        f"<span><i style='background:{STATE_COLOURS[state]}'></i>{count} {STATES[state]}</span>"
        for state, count in counts.items()
        if count or state != State.OFFERED  # most datasets have no visitors
    )
    words = f"<b>{counted(total, 'sample')}</b>{words}"
    return f"<div class='dataset-bar'>{bars}</div><div class='dataset-legend'>{words}</div>"


def headline(store: Store, number: int) -> str:
    """A sample's number, name and state, as HTML."""
    sample = get_sample(store, number)
    words = STATES[State(sample.state)] + (", deleted" if sample.deleted else "")
    return f"<h3 class='dataset-name'>{sample.id} · {escape(sample.name)} <small>{words}</small></h3>"


def describe(store: Store, number: int) -> str:
    """What is known about a sample, in a few lines of HTML."""
    sample, revision = get_sample(store, number), get_revision(store, number)
    facts = [
        ("Size", f"{sample.width} × {sample.height}"),
        ("State", STATES[State(sample.state)] + (f", by {sample.reviewer}" if sample.reviewer else "")),
        ("Split", SPLITS[Split(sample.split)]),
        ("Assigned to", sample.assignee or "nobody"),
        *((fact.title, fact.shown(getattr(sample, name))) for name, fact in FACTS.items()),
        ("Revision", effort_of(revision) if revision else "none yet"),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<dl class='dataset-facts'>{rows}</dl>"


def effort_of(revision: Revision) -> str:
    """Who made a revision, with what and how long it took."""
    parts = [
        f"r{revision.number}",
        revision.author,
        TOOLS.get(revision.tool, revision.tool),
        short_title(revision.model),
        f"{revision.minutes:.1f} min" if revision.minutes else "",
        counted(revision.strokes, "stroke") if revision.strokes else "",
        f"{revision.unknown:.1%} unknown" if revision.unknown is not None else "",
        f"weights {revision.weights_licence}" if revision.weights_licence else "",
        revision.note,
        f"{revision.created:%Y-%m-%d %H:%M}",
    ]
    return " · ".join(filter(None, parts))


def title_of(revision: Revision) -> str:
    """A revision in a few words."""
    made_by = short_title(revision.model) or TOOLS.get(revision.tool, revision.tool)
    return " · ".join(
        filter(None, (f"r{revision.number}", revision.author, made_by, f"{revision.created:%d %b %H:%M}"))
    )


def revision_choices(store: Store, number: int) -> list[tuple[str, int]]:
    """(what a person reads, revision), the newest first; 0 is the photo."""
    current = get_sample(store, number).current
    found = [
        (f"{title_of(revision)}{' (current)' if revision.number == current else ''}", revision.number)
        for revision in reversed(list_revisions(store, number))
    ]
    return [*found, (PHOTO, 0)]


def view(store: Store, number: int, revision: int, kind: str) -> Image:
    """The photo, or a revision as a cut-out, its alpha or its trimap: (h, w, 3) uint8, shrunk to be shown."""
    sample = get_sample(store, number)
    image = read_image(io.BytesIO(store.files.get(sample.image)))
    size = within((image.shape[0], image.shape[1]), SHOWN_SIDE)
    saved = get_revision(store, number, revision) if revision else None
    if saved is None:
        return resize(image, size)
    if kind == "Trimap" and saved.trimap:
        return grey(resize(read_trimap(io.BytesIO(store.files.get(saved.trimap))), size, smooth=False))
    if saved.alpha is None:
        return resize(image, size)
    alpha = resize(read_alpha(io.BytesIO(store.files.get(saved.alpha))), size)
    if kind == "Alpha":
        return grey(to_uint8(alpha))
    colours = read_image(io.BytesIO(store.files.get(saved.foreground))) if saved.foreground else image
    return to_uint8(composite(to_float(resize(colours, size)), alpha, checkerboard(size)))


def grey(values: NDArray[np.uint8]) -> Image:
    """(h, w) uint8 → (h, w, 3)."""
    return np.repeat(values[:, :, None], 3, axis=2)
