"""The files of a tree that did not become samples, and why. Nothing is dropped silently."""

from collections import defaultdict
from collections.abc import Iterator

from annotation.trees.tree import Tree, suffix_of
from matting.files.listing import listed
from matting.files.suffixes import ARCHIVES, SUFFIXES, why_unread
from matting.video.files import VIDEO_SUFFIXES


def expected(tree: Tree, used: set[str], layout: str) -> Iterator[str]:
    """A sentence for each file left out that a person would expect to be imported."""
    yield from tree.left_out
    for path in tree.paths:
        if path not in used and path not in tree.spare:
            why = tree.reasons.get(path) or why_not(path, layout)
            if why:
                yield f"{path} was left out: {why}"


def others(tree: Tree, used: set[str], layout: str) -> Iterator[str]:
    """Sentences on the files left out that nobody would expect to be samples."""
    alike: dict[str, list[str]] = defaultdict(list)
    for path, why in sorted(tree.spare.items()):
        if path not in used:
            alike[why].append(path)
    for why, paths in alike.items():
        yield f"{paths[0]} was left out: {why}" if len(paths) == 1 else f"left out, each because {why}: {listed(paths)}"
    known = used | tree.spare.keys() | tree.reasons.keys()
    rest = [path for path in tree.paths if path not in known and not why_not(path, layout)]
    if rest:
        yield f"left out, as they are not pictures: {listed(rest)}"
    if tree.system_files:
        yield f"left out as hidden, or kept by an operating system for itself: {tree.system_files}"


def why_not(path: str, layout: str) -> str:
    """Why a file that no sample uses was left out; "" if it could not be imported anyway."""
    suffix = suffix_of(path)
    if suffix in SUFFIXES:
        return f"it has no place in the layout {layout} of the others" if layout else "no sample names it"
    if suffix in VIDEO_SUFFIXES:
        return "it is a video; import it by itself"
    if suffix in ARCHIVES:
        return "it is an archive in a folder or in another archive; import it by itself"
    return why_unread(path)
