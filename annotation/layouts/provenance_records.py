"""A sample's provenance as one flat record that goes with every export, and back."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from annotation.layouts.base import Found, Item, Paths
from annotation.store import FACTS, Effort, Provenance, Split
from annotation.store.credits import from_text
from annotation.trees.json_lists import json_lines
from annotation.trees.tree import ArchiveError, Tree, shown, stem_of

RECORDS = "provenance.jsonl"
"""The file of an export that holds the record of each sample, one per line."""


def record_of(item: Item) -> dict[str, str | int | float]:
    """Every column has one type and no gaps, as tables of many files must agree."""
    sample, revision = item.sample, item.revision
    return {
        "key": item.key,
        "name": sample.name,
        "split": str(sample.split),
        "group": sample.group,
        "width": sample.width,
        "height": sample.height,
        **{name: fact.write(getattr(sample, name)) for name, fact in FACTS.items()},
        "source_sha256": sample.source_sha256,
        "state": str(sample.state),
        "reviewer": sample.reviewer,
        "revision": revision.number,
        "annotator": revision.author,
        "tool": revision.tool,
        "model": revision.model,
        "weights_sha256": revision.weights,
        "weights_licence": revision.weights_licence,
        "answers": revision.answers,
        "minutes": revision.minutes,
        "strokes": revision.strokes,
        "created": revision.created.isoformat(timespec="seconds"),
    }


def record_line(item: Item) -> bytes:
    """The item's record as a line of JSON."""
    return json.dumps(record_of(item), ensure_ascii=False).encode() + b"\n"


def with_records(tree: Tree, found: Iterable[Found]) -> Iterator[Found]:
    """`found`, each completed from the tree's own list of records; a record's key is the name of its pictures."""
    records: dict[str, dict[str, object]] = {}
    for path in tree.ending(RECORDS):
        tree.used.add(path)
        for record in json_lines(tree, path):
            if not isinstance(record.get("key"), str):
                raise ArchiveError(f"{path} is not a list of records with a key each")
            records[str(record["key"])] = record
    for sample in found:
        stem = stem_of(sample.paths.image)
        if stem not in records:
            yield sample
            continue
        known = read_record(records[stem], sample.name, paths=sample.paths)
        group = known.group or sample.group
        yield replace(sample, name=known.name, group=group, provenance=known.provenance, effort=known.effort)


def read_record(record: object, key: str, *, paths: Paths) -> Found:
    """The sample that a record describes; ArchiveError if it is not a record of a sample."""
    if not isinstance(record, dict):
        raise ArchiveError(f"the record of {key} must be names and values, but is {type(record).__name__}")

    def text(column: str) -> str:
        value = record.get(column, "")
        if not isinstance(value, str):
            raise ArchiveError(
                f"the record of {shown(key)} must have a text as its {column}, but has {type(value).__name__}"
            )
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ArchiveError(f"the record of {shown(key)} has half a character in its {column}")
        return value

    def within(column: str, longest: int) -> str:
        if len(text(column)) > longest:  # a truncated licence could mean something else
            raise ArchiveError(f"the record of {key} has a {column} of more than {longest} characters")
        return text(column)

    stated = {}
    for name, fact in FACTS.items():
        whole = within(name, fact.longest) if fact.longest and not fact.may_be_cut else text(name)
        stated[name] = fact.parse(whole[: fact.longest])
    effort = Effort(
        author=text("annotator")[:255],
        tool="import",
        model=text("model")[:255],
        weights=text("weights_sha256")[:64],
        weights_licence=within("weights_licence", 255),
        answers=text("answers"),
    )
    try:
        from_text(effort.answers)
    except ValueError as error:
        raise ArchiveError(f"the record of {key}: {error}") from error
    split = Split(text("split")) if text("split") in set(Split) - {Split.NONE} else None
    return Found(
        name=text("name") or key,
        paths=paths,
        split=split,
        group=text("group")[:255],
        provenance=Provenance(**stated),
        effort=effort,
    )
