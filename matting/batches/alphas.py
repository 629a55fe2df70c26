"""Photos → alphas, and on request cut-outs and composites: what a batch writes, and the models it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matting.arrays import Alpha, Colours, Image, Trimap, to_uint8, to_uint16
from matting.batches.given import Given
from matting.composite import composite, cutout
from matting.composite.backgrounds import Background
from matting.files import read_image, write_image
from matting.foreground import estimate_foreground
from matting.models import load_model
from matting.models.base import Model
from matting.models.published.bgmv2 import BGMv2Model
from matting.models.things import joined, trimaps_by_kind
from matting.trimap import make_trimap


@dataclass(frozen=True)
class Kind:
    """The things that are looked for in every photo."""

    name: str
    """"person", "cat" …"""
    inner: int | None
    """The unknown pixels inside the edge of each; None if they follow from its size."""
    outer: int | None
    """The same outside the edge."""


@dataclass(frozen=True)
class Alphas:
    """The `Work` of `python -m matting alpha`."""

    results: "Results"
    model: str
    exact: bool = False
    plate: Image | None = None
    """The empty background, for a model that needs it."""
    kind: Kind | None = None
    given: Given | None = None
    """The trimaps or masks that a person gave."""

    def files(self, stem: str) -> list[Path]:
        """See Work."""
        return self.results.files(stem)

    def load(self) -> Callable[[Path], None]:
        """See Work."""
        model = load_model(self.model, exact=self.exact)
        if self.plate is not None and isinstance(model, BGMv2Model):
            model = model.with_plate(self.plate)
        automatic = load_model("auto") if model.needs_trimap and self.given is None and not self.kind else None

        def process(path: Path) -> None:
            image = read_image(path)
            if self.kind:
                self.results.write_things(image, self._things(self.kind, model, image), path.stem)
            elif self.given:
                self.results.write_answer(*self.given.apply(model, image, path), image, path.stem)
            else:
                known = make_trimap(automatic(image)) if automatic else None
                self.results.write_answer(model, known, image, path.stem)

        return process

    def _things(self, kind: Kind, model: Model, image: Image) -> list[Alpha]:
        """The alpha of each thing of `kind` in `image`."""
        found = trimaps_by_kind(image, kind.name, inner=kind.inner, outer=kind.outer)
        return [model(image, known) for known in found]


@dataclass(frozen=True)
class Results:
    """The files that each photo gives."""

    output: Path
    bits: int
    with_cutout: bool
    with_each: bool
    """Whether each thing gets an alpha of its own, besides the one of all together."""
    over: Background | None
    """What the subject is laid over, if anything."""

    def files(self, stem: str) -> list[Path]:
        """Those that say that a photo is done."""
        return [
            self.output / f"{stem}.png",
            *[self._alone(stem, 1)] * self.with_each,
            *[self.output / "cutout" / f"{stem}.png"] * self.with_cutout,
            *[self.output / "composite" / f"{stem}.png"] * (self.over is not None),
        ]

    def _alone(self, stem: str, number: int) -> Path:
        """The file of the alpha of one thing of several."""
        return self.output / "each" / f"{stem}-{number}.png"

    @property
    def are_coloured(self) -> bool:
        """Whether some of them need the subject's own colours."""
        return self.with_cutout or self.over is not None

    def write_answer(self, model: Model, trimap: Trimap | None, image: Image, stem: str) -> None:
        """Write the files of one photo, from the answer of `model`."""
        if self.are_coloured:
            self.write(image, *model.cut_out(image, trimap), stem)
        else:
            self.write(image, model(image, trimap), None, stem)

    def write_things(self, image: Image, alphas: list[Alpha], stem: str) -> None:
        """Write the files of one photo from the alphas of the things in it."""
        for number, alpha in enumerate(alphas if self.with_each else [], 1):
            self._write_alpha(self._alone(stem, number), alpha)
        whole = joined(alphas)
        self.write(image, whole, estimate_foreground(image, whole) if self.are_coloured else None, stem)

    def write(self, image: Image, alpha: Alpha, foreground: Colours | None, stem: str) -> None:
        """Write the files of one photo; the alpha last, since it says that all are there."""
        if foreground is not None:
            self._write_coloured(image, alpha, foreground, f"{stem}.png")
        self._write_alpha(self.output / f"{stem}.png", alpha)

    def _write_alpha(self, path: Path, alpha: Alpha) -> None:
        write_image(path, (to_uint8 if self.bits == 8 else to_uint16)(alpha))

    def _write_coloured(self, image: Image, alpha: Alpha, foreground: Colours, name: str) -> None:
        """The files that need the subject's own colours."""
        if self.with_cutout:
            write_image(self.output / "cutout" / name, cutout(foreground, alpha))
        if self.over is not None:
            over = self.over.behind(image)
            write_image(self.output / "composite" / name, to_uint8(composite(foreground, alpha, over)))
