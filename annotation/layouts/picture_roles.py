"""What the names of folders and files call a picture: photo, alpha, trimap, foreground, cut-out or composite."""

import re
from dataclasses import dataclass
from enum import StrEnum

from annotation.trees.tree import composed, stem_of


class Role(StrEnum):
    """What a picture is to its sample."""

    IMAGE = "image"
    ALPHA = "alpha"
    TRIMAP = "trimap"
    FOREGROUND = "foreground"
    CUTOUT = "cutout"
    COMPOSITE = "composite"


WORDS = {
    Role.IMAGE: "image images img imgs im photo photos picture pictures pic pics original originals orig rgb merged "
    "input inputs source jpegimages jpgs src",
    Role.ALPHA: "alpha alphas pha matte mattes gt gts groundtruth mask masks label labels annotation "
    "annotations ann anns segmentation segmentations segmentationclass segmentationobject seg segs",
    Role.TRIMAP: "trimap trimaps",
    Role.FOREGROUND: "foreground foregrounds fg fgr fgs",
    Role.CUTOUT: "cutout cutouts",
    Role.COMPOSITE: "composite composites",
}
ROLE_OF = {word: role for role, words in WORDS.items() for word in words.split()}
NUMBER = re.compile(r"[0-9]*$")
SPLITTER = re.compile(r"[-_. ]+")
COPY = re.compile(r" ?\(\d+\)$|[ _]copy$| - Copy$")
"""What browsers, desktops and scripts append to the name of a second copy."""
RANK = {word: rank for rank, word in enumerate(WORDS[Role.ALPHA].split())}
"""If a photo has several alphas, the one with the earlier word is the best."""


@dataclass(frozen=True)
class Reading:
    """What a path says about its picture."""

    role: Role
    """A photo unless a word says otherwise."""
    word: str
    folder: str
    """The folder without the words that name a role: what a photo and its alpha share."""
    above: str
    """The same without the folders below the one that gives the role."""
    stem: str
    """The file's stem, whole."""
    base: str
    """The stem without a word that names a role: "IMG_0" of "IMG_0_alpha", "2" of "alpha2", "" of "alpha"."""
    by_folder: bool
    """A whole folder name gives the role, not just a word in a longer name."""


def read_path(path: str) -> Reading:
    """The role that the innermost folder with a role gives, or else the file's own name."""
    *folders, _ = path.split("/")
    role, said, whole, kept, above = None, "", False, [], 0
    for folder in folders:
        rest, word, is_whole = without_role(COPY.sub("", folder))
        if not word or (rest and not is_whole):
            kept.append(composed(rest if word else folder))
        if word:
            role, said, whole, above = ROLE_OF[word], word, is_whole, len(kept)
    stem = stem_of(path)
    base, word, _ = without_role(COPY.sub("", stem))
    if word and not base:
        base = stem[len(COPY.sub("", stem)) :].strip()  # "(2)" of "alpha (2)"
    own = ROLE_OF.get(word, Role.IMAGE)
    if own != Role.IMAGE and role in (None, Role.IMAGE):
        role, said, whole = own, word, False
    return Reading(role or Role.IMAGE, said, "/".join(kept), "/".join(kept[:above]), stem, base, whole)


def without_role(name: str) -> tuple[str, str, bool]:
    """(name without its word, that word or "", whether that is all of it but a number): "train_masks" → "train",
    "masks"."""
    words = [part for part in SPLITTER.split(name) if part]
    for place in (-1, 0):
        word = plain_word(words[place]) if words else ""
        if word in ROLE_OF:
            if len(words) == 1:
                return NUMBER.findall(words[0])[0], word, True
            cut = name[: name.rindex(words[-1])] if place else name[name.index(words[0]) + len(words[0]) :]
            return cut.strip("-_. "), word, False
    joined = plain_word("".join(words))  # "ground_truth", "Segmentation Class"
    return (NUMBER.findall(name)[0], joined, True) if joined in ROLE_OF else (name, "", False)


def plain_word(word: str) -> str:
    """In lower case and without a trailing number: "Trimap1" → "trimap"."""
    return NUMBER.sub("", composed(word).casefold())
