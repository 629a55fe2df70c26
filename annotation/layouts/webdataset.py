"""WebDataset: tar shards to stream while training; the members of a sample share the name up to the first dot.

`alpha.png` has 8 bits, because `decode("pil")` and the like turn 16-bit grey white. If the sample has more bits,
`alpha16.png` beside it holds them all.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

from annotation.layouts.base import Entry, Found, Item, Items, Layout, Options, Paths, identity
from annotation.layouts.export_pieces import Piece, make_piece
from annotation.layouts.provenance_records import read_record, record_of
from annotation.spool import batches
from annotation.store import Split, Store
from annotation.trees.json_lists import parse_json
from annotation.trees.tree import Tree
from matting.files import read_grey

SHARD_SAMPLES = 500
"""Samples per shard."""
PARTS = {
    "image": Piece.IMAGE,
    "alpha": Piece.ALPHA,
    "alpha16": Piece.DEEP_ALPHA,
    "trimap": Piece.TRIMAP,
    "foreground": Piece.FOREGROUND,
}


def files(items: Items, options: Options) -> Iterator[Entry]:  # noqa: ARG001 (a layout's signature)
    """Shards in the order of the samples' numbers, so that a growing set changes only the last one."""
    for split in (Split.TRAIN, Split.VALIDATION, Split.TEST):
        chosen = (item for item in items if item.sample.split == split)
        for number, shard in enumerate(batches(chosen, SHARD_SAMPLES)):
            content = repr([(record(item), *(identity(item, piece) for piece in PARTS.values())) for item in shard])
            name = f"{split}/matting-{split}-{number:06d}.tar"
            yield Entry(name, f"shard:{hashlib.sha256(content.encode()).hexdigest()}", partial(write_shard, shard))


def write_shard(items: Sequence[Item], store: Store, file: BinaryIO) -> None:
    """A tar with nothing in it but names and contents: no times, no owners."""
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for item in items:
            for part, piece in PARTS.items():
                content = make_piece(store, item.sample, revision=item.revision, piece=piece)
                if piece is not Piece.DEEP_ALPHA or has_more_than_8_bits(content):
                    add(archive, f"{item.key}.{part}.png", content)
            add(archive, f"{item.key}.json", record(item))


def has_more_than_8_bits(png: bytes) -> bool:
    """Whether a 16-bit grey PNG holds a value that does not fit into 8 bits."""
    return bool((read_grey(io.BytesIO(png)) % 257).any())


def record(item: Item) -> bytes:
    """The record of the sample."""
    return json.dumps(record_of(item), ensure_ascii=False, sort_keys=True).encode()


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """One member."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def read(tree: Tree) -> Iterator[Found]:
    """The samples of every shard in the tree."""
    for path in tree.ending(".image.png"):
        stem = path.removesuffix(".image.png")
        names = {part: f"{stem}.{part}.png" for part in PARTS}
        there = {part: name for part, name in names.items() if name in tree.names}
        if deep := there.pop("alpha16", ""):
            tree.used.add(there.get("alpha", ""))  # the same one with fewer bits
            there["alpha"] = deep
        paths = Paths(**there)
        known: object = {}
        if f"{stem}.json" in tree.names:
            tree.used.add(f"{stem}.json")
            known = parse_json(tree.read(f"{stem}.json"), f"{stem}.json")
        yield read_record(known, stem.rpartition("/")[2], paths=paths)


WEBDATASET = Layout(
    name="webdataset",
    title="WebDataset shards",
    purpose="For training on many machines: tar files that stream, 500 samples each.",
    files=files,
    read=read,
    folders=(Split.TRAIN, Split.VALIDATION, Split.TEST),
)
