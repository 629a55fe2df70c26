"""What of a tree did not become a sample, and why: nothing that somebody brings is dropped without a word."""

from collections.abc import Iterator

from annotation.tree import Tree, shown, suffix_of
from matting.suffixes import ARCHIVES, SUFFIXES, why_unread
from matting.video_files import VIDEO_SUFFIXES

NAMED = 5
"""How many files that nobody would expect to be samples are called by name."""


def expected(tree: Tree, used: set[str], layout: str) -> Iterator[str]:
    """A sentence for each file left out that a person would expect in."""
    yield from tree.left_out
    for path in tree.paths:
        if path not in used and path not in tree.spare:
            why = tree.reasons.get(path) or why_not(path, layout)
            if why:
                yield f"{path} was left out: {why}"


def others(tree: Tree, used: set[str], layout: str) -> Iterator[str]:
    """Sentences on the files left out that nobody would expect to be samples."""
    yield from (f"{path} was left out: {why}" for path, why in sorted(tree.spare.items()) if path not in used)
    known = used | tree.spare.keys() | tree.reasons.keys()
    rest = [path for path in tree.paths if path not in known and not why_not(path, layout)]
    if rest:
        named = ", ".join(shown(path)[1:-1] for path in rest[:NAMED]) + (", …" if len(rest) > NAMED else "")
        yield f"left out as no pictures: {len(rest)} ({named})"
    if tree.system_files:
        yield f"left out as hidden, or kept by an operating system for itself: {tree.system_files}"


def why_not(path: str, layout: str) -> str:
    """Why a file that no sample names was left out; "" where it is none of what can be brought in."""
    suffix = suffix_of(path)
    if suffix in SUFFIXES:
        return f"it has no place in the layout {layout} of the others" if layout else "no sample names it"
    if suffix in VIDEO_SUFFIXES:
        return "it is a video; import it by itself"
    if suffix in ARCHIVES:
        return "it is an archive in a folder or in another archive; import it by itself"
    return why_unread(path)
