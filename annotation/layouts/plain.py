"""Plain photos, alone or with their alphas: in folders side by side or under longer names. Import only.

A photo and its alpha share a parent folder and a name: `set/images/1.jpg` with `set/masks/1.png`, `IMG_0.jpg` with
`IMG_0_alpha.png`, `1/image.jpg` with `1/alpha.png`. Uncertain pairs are reported, not made.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from annotation.layouts.base import Found, Paths
from annotation.layouts.picture_roles import RANK, Reading, Role, read_path, without_role
from annotation.trees.tree import Tree, folder_of, stem_of, suffix_of
from matting.files import SUFFIXES
from matting.files.picture_kinds import PictureKind, is_plainly_a_mask, picture_kind

MADE = {Role.CUTOUT: "the cut-out of", Role.COMPOSITE: "a composite of"}
STANDS_FOR_A_PHOTO = (Role.CUTOUT, Role.COMPOSITE, Role.FOREGROUND)
"""What serves as the photo if there is none, in this order."""
STRAY = (
    "it looks like a mask, but its path does not say so; put masks in a folder called masks beside their photos, or, "
    "if it is a photo, put it in one called images"
)
MASKS = (PictureKind.MASK, PictureKind.LABELS)
NO_SUBJECT = {"bg", "background", "backgrounds"}


def read(tree: Tree) -> Iterator[Found]:
    """Every photo of the tree, with the alpha, trimap and foreground that are certainly its own."""
    readings = {path: read_path(path) for path in sorted(tree.paths) if suffix_of(path) in SUFFIXES}
    photos = [path for path, reading in readings.items() if reading.role == Role.IMAGE]
    masks = dict(masks_of_the_same_name(tree, photos))
    photos = [path for path in photos if path not in masks]
    strays = {path for path in unnamed_masks(tree, photos) if not readings[path].word}
    tree.reasons |= dict.fromkeys(strays, STRAY)
    photos = [path for path in photos if path not in strays]
    others = [path for path, reading in readings.items() if reading.role != Role.IMAGE]
    photos += [path for path in others if is_photo_after_all(tree, path, readings[path])]
    others = sorted(set(others) - set(photos))
    owned = owners(tree, photos, others, readings) | masks
    for role in STANDS_FOR_A_PHOTO:
        without = [path for path in others if path not in owned and path not in tree.reasons]
        stand_ins = [path for path in without if readings[path].role == role]
        owned |= owners(tree, stand_ins, [path for path in without if path not in stand_ins], readings)
        photos += stand_ins
        others = [path for path in others if path not in stand_ins]
    for path in others:
        if path not in owned:
            tree.reasons.setdefault(path, f"there is no photo beside it that this {readings[path].role} belongs to")
    belongings: dict[str, list[str]] = defaultdict(list)
    for path, owner in owned.items():
        belongings[owner].append(path)
    for photo in sorted(photos):
        yield sample(tree, photo, belongings[photo], readings)


def sample(tree: Tree, photo: str, belongings: list[str], readings: dict[str, Reading]) -> Found:
    """The sample of a photo and what belongs to it. The tree notes which of these are not needed."""
    by_role: dict[Role, list[str]] = defaultdict(list)
    for path in sorted(belongings):
        by_role[role_beside(readings[path])].append(path)
    taken = {role: best(tree, paths, readings) for role, paths in by_role.items()}
    alpha = taken.get(Role.ALPHA, "")
    if not alpha and not by_role[Role.ALPHA]:
        alpha = taken.get(Role.CUTOUT, "")  # whose transparency it is
    foreground = taken.get(Role.FOREGROUND, "")
    if readings[photo].role == Role.FOREGROUND and readings[photo].word != "fg" and alpha:
        foreground = photo  # some call the whole photo "fg"
    paths = Paths(photo, alpha, taken.get(Role.TRIMAP, ""), foreground)
    for path in belongings:
        if path not in vars(paths).values() and path not in tree.reasons:
            role = role_beside(readings[path])
            tree.spare[path] = f"it is {MADE[role]} {photo}" if role in MADE else f"{taken[role]} was taken instead"
    return Found(name_of(photo, readings[photo]), paths, is_cutout=not alpha or readings[photo].role == Role.CUTOUT)


def name_of(photo: str, reading: Reading) -> str:
    """What the sample is called: the file's stem, or the folder's name where each sample has one of its own."""
    if not reading.base:  # "image.jpg"
        return folder_of(photo).rpartition("/")[2] or reading.stem
    return reading.base if reading.role in STANDS_FOR_A_PHOTO else reading.stem


def role_beside(reading: Reading) -> Role:
    """The role of what belongs to a photo; what has the photo's own name is its alpha."""
    return Role.ALPHA if reading.role == Role.IMAGE else reading.role


def best(tree: Tree, paths: list[str], readings: dict[str, Reading]) -> str:
    """The best of several pictures of a role, by its word; "" if two are equal, which is reported."""
    ranked = sorted(paths, key=lambda path: RANK.get(readings[path].word, len(RANK)))
    first, *rest = ranked
    alike = [path for path in rest if readings[path].word == readings[first].word]
    if alike and readings[first].role == Role.ALPHA:
        for path in (first, *alike):
            tree.reasons[path] = f"{' and '.join((first, *alike))} could each be the alpha of one photo"
        return ""
    return first


def owners(tree: Tree, photos: list[str], others: list[str], readings: dict[str, Reading]) -> dict[str, str]:
    """The photo that each of `others` belongs to, if that is certain; an ambiguity is reported."""
    index: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for photo in photos:
        for key in keys_of_photo(photo, readings[photo]):
            index[key].append(photo)
    below = folders_below(readings[photo].folder for photo in photos)
    places: dict[tuple[Role, str], set[str]] = defaultdict(set)
    for path in others:
        places[readings[path].role, readings[path].above].add(readings[path].folder)
    owned = {}
    for path in others:
        reading = readings[path]
        candidates = find(index, reading, reading.folder)
        if not candidates and reading.by_folder and reading.folder not in below["/"]:
            inside, deeper = below[reading.folder], places[reading.role, reading.above]
            candidates = find(index, reading, *inside) if len(inside) == 1 else find(index, reading, reading.above)
            if candidates and len(inside) != 1 and len(deeper) > 1:
                tree.reasons[path] = f"{len(deeper)} folders could hold the {reading.role} of {candidates[0]}"
                continue
        if len(candidates) == 1:
            owned[path] = candidates[0]
        elif candidates:
            tree.reasons[path] = f"it could belong to {' or to '.join(candidates[:3])}"
    return owned


def keys_of_photo(path: str, reading: Reading) -> Iterator[tuple[object, ...]]:
    """The names under which a photo is found: its whole name, its stem, and its stem without words such as "image"."""
    yield "name", reading.folder, f"{reading.stem}{path[-len(suffix_of(path)) :]}"
    yield "stem", reading.folder, reading.stem
    yield "small", reading.folder, reading.stem.casefold()
    yield "base", reading.folder, reading.base.casefold()


def find(index: dict[tuple[object, ...], list[str]], reading: Reading, folder: str) -> list[str]:
    """The photos in `folder` that `reading` could belong to, by the most certain rule that finds any."""
    bare = without_role(reading.base)[0]
    for how, names in (
        ("name", (reading.stem, reading.base)),
        ("stem", (reading.stem,)),
        ("stem", (reading.base,)),
        ("small", (reading.stem.casefold(), reading.base.casefold())),
        ("base", (reading.base.casefold(), bare.casefold())),
    ):
        found = list(dict.fromkeys(photo for name in names for photo in index.get((how, folder, name), ())))
        if found:
            return found
    return []


def folders_below(folders: Iterable[str]) -> dict[str, set[str]]:
    """The folders of photos directly below each folder, except those of backgrounds; under "/", all of them."""
    below: dict[str, set[str]] = defaultdict(set)
    for folder in set(folders):
        below["/"].add(folder)
        if folder and folder.rpartition("/")[2].lower() not in NO_SUBJECT:
            below[folder_of(folder)].add(folder)
    return below


def is_photo_after_all(tree: Tree, path: str, reading: Reading) -> bool:
    """Whether only a word in a longer name calls it an alpha or a trimap, and it is in colour: "party_mask.jpg"."""
    return (
        not reading.by_folder
        and reading.role in (Role.ALPHA, Role.TRIMAP)
        and kind_of(tree, path) == PictureKind.COLOUR
    )


def masks_of_the_same_name(tree: Tree, photos: list[str]) -> Iterator[tuple[str, str]]:
    """(mask, photo) where a folder holds two pictures of one stem, a photo and what looks like its mask or cut-out."""
    by_stem: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in photos:
        by_stem[folder_of(path), stem_of(path)].append(path)
    for both in by_stem.values():
        if len(both) == 2:
            kinds = {path: kind_of(tree, path) for path in both}
            masks = [path for path in both if kinds[path] in (*MASKS, PictureKind.CUTOUT)]
            if len(masks) == 1:
                yield masks[0], both[1 - both.index(masks[0])]


def unnamed_masks(tree: Tree, photos: list[str]) -> Iterator[str]:
    """Those of `photos` that are masks by their pixels: plainly so, or beside a photo of the same stem elsewhere."""
    by_stem: dict[str, list[str]] = defaultdict(list)
    for path in photos:
        by_stem[stem_of(path)].append(path)
    for alike in by_stem.values():
        masks = [path for path in alike if len(alike) > 1 and kind_of(tree, path) in MASKS]
        yield from masks if len(masks) < len(alike) else ()
        yield from (path for path in alike if path not in masks and is_plain_mask(tree, path))


def is_plain_mask(tree: Tree, path: str) -> bool:
    """`is_plainly_a_mask`, False for what cannot be read."""
    try:
        return is_plainly_a_mask(tree.read(path))
    except Exception:  # noqa: BLE001 (as below)
        return False


def kind_of(tree: Tree, path: str) -> PictureKind:
    """The kind of the picture. One that cannot be read counts as in colour; the import reports it."""
    try:
        return picture_kind(tree.read(path))
    except Exception:  # noqa: BLE001 (it is read again, and then the reason is reported)
        return PictureKind.COLOUR
