"""Other people's JSON: bounded in size and depth; anything wrong with it is reported in one sentence."""

import io
import json
import posixpath
from collections.abc import Iterator

from annotation.trees.tree import ArchiveError, Tree, shown

MAX_JSON = 20_000_000
"""Bytes of a JSON file; once parsed, it may need twenty times as much memory."""
MAX_LINE = 1_000_000
"""Bytes of a line of JSON lines, each of which is one sample."""


def parse_json(content: bytes | str, name: str) -> object:
    """The content of the JSON; ArchiveError if it is not JSON, too long, or nested too deep."""
    if len(content) > MAX_JSON:
        raise ArchiveError(f"{name} has more than {MAX_JSON / 1e6:.0f} MB of JSON, the most that is read")
    try:
        parsed: object = json.loads(content)
    except RecursionError as error:
        raise ArchiveError(f"{name} is JSON nested too deep to be a list of samples") from error
    except ValueError as error:
        raise ArchiveError(f"{name} is not JSON") from error
    return parsed


def json_lines(tree: Tree, path: str) -> Iterator[dict[str, object]]:
    """The records of a list of samples, one per line; ArchiveError if a line is not a record."""
    for number, line in enumerate(io.BytesIO(tree.read(path)), 1):
        if len(line) > MAX_LINE:
            raise ArchiveError(f"line {number} of {path} has more than the {MAX_LINE / 1e6:.0f} MB of one sample")
        if line.strip():
            record = parse_json(line, f"the record in line {number} of {path}")
            if not isinstance(record, dict):
                raise ArchiveError(f"the record in line {number} of {path} must be names and values")
            yield record


def named_in(tree: Tree, listed_in: str, name: object) -> str:
    """The tree's path of a file that a list names relative to itself; ArchiveError unless it is in the tree."""
    path = tree.find(below(listed_in, name))
    if not path:
        raise ArchiveError(f"{listed_in} names {shown(name)}, which does not exist")
    return path


def below(listed_in: str, name: object) -> str:
    """The path of a file that a list names relative to itself, whether it exists or not."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(listed_in), str(name)))
