"""Robust Video Matting's loader of clips, as in VideoMatte240K: a folder of frames for each clip in `fgr` and `pha`.

Samples of one group (a video, a shoot) are a clip, in the order of their numbers; a photo alone is a clip of one.
"""

import hashlib
import re

from annotation.layouts.base import Item, Layout, placed
from annotation.layouts.export_pieces import Piece
from annotation.layouts.fgr_pha import FOLDERS, read
from annotation.store import Split


def clip_of(item: Item) -> str:
    """The folder of the item's group: its name in plain letters and a part of its hash, so that no two share one."""
    group = item.sample.group
    words = re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")[:24].strip("-")
    return f"{words or 'clip'}-{hashlib.sha256(group.encode()).hexdigest()[:12]}"


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    folder, name = FOLDERS[Split(item.sample.split)], f"{clip_of(item)}/{item.key}.png"
    return {f"{folder}/fgr/{name}": Piece.FOREGROUND, f"{folder}/pha/{name}": Piece.ALPHA}


VIDEOMATTE = Layout(
    name="videomatte",
    title="Robust Video Matting (clips)",
    purpose="Trains video networks on clips: frames of one video or shoot lie in one folder.",
    files=placed(place),
    read=read,
    folders=[f"{folder}/{part}" for folder in FOLDERS.values() for part in ("fgr", "pha")],
)
