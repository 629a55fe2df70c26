"""A sheet of small pictures: a photo, and what each model made of it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from matting.arrays import Alpha, Image, to_uint8
from matting.composite import composite, contrasting_checkerboard
from matting.foreground import estimate_foreground
from matting.resize import resize, within

SIDE = 480
"""The longest side of a picture on the sheet, in pixels."""
COLUMNS = 4
DOTS_PER_INCH = 100
CAPTION_INCHES = 0.55


@dataclass(frozen=True)
class Panel:
    """A picture with two lines below it."""

    picture: Image
    title: str
    line: str = ""


def cut_out_panel(image: Image, alpha: Alpha, title: str, line: str = "") -> Panel:
    """The subject of `image` (H, W, 3) in front of squares, small."""
    size = within((image.shape[0], image.shape[1]), SIDE)
    small, coverage = resize(image, size), resize(alpha, size)
    colours = estimate_foreground(small, coverage)
    return Panel(to_uint8(composite(colours, coverage, contrasting_checkerboard(colours, coverage))), title, line)


def photo_panel(image: Image, title: str) -> Panel:
    """A photo itself, small."""
    return Panel(resize(image, within((image.shape[0], image.shape[1]), SIDE)), title)


def contact_sheet(panels: Sequence[Panel]) -> bytes:
    """All `panels` in rows, as a PNG."""
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    height, width = (max(panel.picture.shape[axis] for panel in panels) / DOTS_PER_INCH for axis in (0, 1))
    figure = Figure(figsize=(columns * (width + 0.15), rows * (height + CAPTION_INCHES)), dpi=DOTS_PER_INCH)
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        axes.axis("off")
    for axes, panel in zip(figure.axes, panels, strict=False):
        axes.imshow(panel.picture)
        axes.set_title(f"{panel.title}\n{panel.line}", fontsize=9, linespacing=1.3, parse_math=False)
    figure.tight_layout(pad=0.4)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
