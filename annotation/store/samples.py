"""Samples: adding pictures, their provenance, and their state of work."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from annotation.spool import batches
from annotation.store.adding import adding, persistently
from annotation.store.appearances import AppearanceIndex, Place, pixels_digest
from annotation.store.copies.doubtful import add_doubts
from annotation.store.copies.missing_landmarks import complete_landmarks
from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.files.base import digest
from annotation.store.provenance import Provenance
from annotation.store.store import Store
from annotation.store.tables.base import now
from annotation.store.tables.samples import Landmarks, Sample, Split, State
from matting.arrays import Image, check_image
from matting.files import encode_image
from matting.files.likeness import Appearance, appearance_of
from matting.resize import resize, within

THUMBNAIL = 256
"""The long side of a thumbnail, in pixels."""


@dataclass(frozen=True)
class NewSample:
    """A picture whose files are stored, but not yet its row; see `prepare` and `add_prepared`."""

    name: str
    image: str
    thumbnail: str
    width: int
    height: int
    pixels: str
    appearance: Appearance
    source_sha256: str
    provenance: Provenance
    group: str = ""
    split: Split | None = None


def add_sample(
    store: Store, image: Image, *, name: str, provenance: Provenance | None = None, group: str = "", source: bytes = b""
) -> Sample:
    """Add a picture (H, W, 3) uint8; its sample, new or known.

    A picture with the same pixels as a known one is not added again; if that was deleted, it comes back. Pictures of
    one `group`, such as a shoot or a video, stay in one split. `source` is the content of the picture's file.

    Raises:
        StoreError: it could not be written.
    """

    def attempt() -> Sample:
        new = replace(prepare(store, image, name=name, provenance=provenance, source=source), group=group)
        complete_landmarks(store)
        with adding(store, (new.image, new.thumbnail)) as session:
            ((number, _),) = add_prepared(store, session, [new])
            return require(session, number)

    return persistently(attempt)


def prepare(
    store: Store, image: Image, *, name: str, provenance: Provenance | None = None, source: bytes = b""
) -> NewSample:
    """Store the files of a new picture. `add_prepared` adds its row, for many pictures in one transaction."""
    check_image(image)
    height, width = image.shape[:2]
    small = resize(image, within((height, width), THUMBNAIL))
    is_kept = plain_png(source) == (8, "RGB")
    stored = store.files.put(source if is_kept else encode_image(image, ".png"))
    is_small = small.shape == image.shape
    return NewSample(
        name=clean_name(name),
        image=stored,
        thumbnail=stored if is_small else store.files.put(encode_image(small, ".jpg")),
        width=width,
        height=height,
        pixels=pixels_digest(image),
        appearance=appearance_of(small),
        source_sha256=stored if is_kept else digest(source) if source else "",
        provenance=provenance or Provenance(),
    )


def add_prepared(store: Store, session: Session, new: Iterable[NewSample]) -> list[tuple[int, bool]]:
    """(number, whether it is new) of the sample of each prepared picture, in order. Call it inside `adding`."""
    index = store.appearances.current(session)
    return [found for batch in batches(new) for found in add_batch(session, index, batch)]


def add_batch(session: Session, index: AppearanceIndex, batch: Sequence[NewSample]) -> list[tuple[int, bool]]:
    """Add the rows of the pictures that are new, all at once, and undelete those that were deleted."""
    same = Sample.pixels.in_([picture.pixels for picture in batch])
    known = {row.pixels: row.id for row in session.execute(select(Sample.pixels, Sample.id).where(same))}
    session.execute(update(Sample).where(same, Sample.deleted.is_not(None)).values(deleted=None))
    rows: dict[str, dict[str, object]] = {}
    found: list[bytes] = []
    places: list[Place] = []

    def read(numbers: list[int]) -> dict[int, bytes]:
        rows = session.scalars(select(Landmarks).where(Landmarks.sample.in_(numbers))) if numbers else ()
        return {row.sample: row.content for row in rows}

    for picture in batch:
        if picture.pixels not in known and picture.pixels not in rows:
            appearance = picture.appearance
            place = index.place(picture.pixels, appearance, read, group=picture.group, split=picture.split)
            index.add(appearance.hashes[0], appearance.landmarks, place)
            rows[picture.pixels] = row_of(picture, place)
            found.append(appearance.landmarks)
            places.append(place)
    if rows:
        numbered = insert(Sample).returning(Sample.id, sort_by_parameter_order=True)
        numbers = list(session.scalars(numbered, list(rows.values())))
        content = [{"sample": number, "content": one} for number, one in zip(numbers, found, strict=True)]
        session.execute(insert(Landmarks), content)
        index.stored(numbers)
        doubtful = [(number, place) for number, place in zip(numbers, places, strict=True) if place.twins]
        add_doubts(session, [(number, index.numbers_of(place.twins), place) for number, place in doubtful])
        known |= zip(rows, numbers, strict=True)
    return [(known[picture.pixels], rows.pop(picture.pixels, None) is not None) for picture in batch]


def row_of(picture: NewSample, place: Place) -> dict[str, object]:
    """The columns of a new picture."""
    apart = ("provenance", "group", "split", "appearance")
    fields = {key: value for key, value in vars(picture).items() if key not in apart}
    placed = {"group": place.group, "split": place.split, "appearance": picture.appearance.hashes[0]}
    return fields | vars(picture.provenance) | placed


def plain_png(content: bytes) -> tuple[int, str] | None:
    """The depth and kind, "grey" or "RGB", of a PNG that holds only pixels; such a file may be kept as it is.

    None for a file with anything else, such as a profile, an orientation, text or a position: stored pixels are upright
    and in sRGB, and carry no other data.
    """
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or content[25:26] not in (b"\x00", b"\x02"):
        return None
    position, kinds = 8, []
    while position + 12 <= len(content):
        kinds.append(content[position + 4 : position + 8])
        position += 12 + int.from_bytes(content[position : position + 4], "big")
    if position != len(content) or kinds[-1] != b"IEND" or set(kinds) != {b"IHDR", b"IDAT", b"IEND"}:
        return None
    return content[24], "RGB" if content[25] else "grey"


def clean_name(name: str) -> str:
    """`name` without control characters, cut to 200 characters; "untitled" if nothing is left."""
    return "".join(character for character in name if character.isprintable()).strip()[:200] or "untitled"


def get_sample(store: Store, sample: int) -> Sample:
    """The sample with that number, deleted or not; StoreError if there is none."""
    with reading(store.engine) as session:
        return require(session, sample)


def require(session: Session, sample: int) -> Sample:
    """The sample's row; StoreError if there is none."""
    row = session.get(Sample, sample)
    if row is None:
        raise StoreError(f"the dataset has no sample {sample}")
    return row


def set_state(store: Store, samples: Sequence[int], state: State, *, reviewer: str = "") -> None:
    """Set the state of the samples; `reviewer` is the person who approved or rejected them."""
    values: dict[str, object] = {"state": State(state)}
    if reviewer:
        values["reviewer"] = reviewer
    change(store, samples, values)


def assign(store: Store, samples: Sequence[int], person: str) -> None:
    """Assign the samples to `person`; empty for nobody."""
    change(store, samples, {"assignee": person})


def set_provenance(store: Store, samples: Sequence[int], provenance: Provenance) -> None:
    """Replace the provenance of the samples."""
    change(store, samples, asdict(provenance))


def set_licence(store: Store, samples: Sequence[int], licence: str) -> None:
    """Set only the licence; the rest of the provenance stays."""
    change(store, samples, {"licence": licence})


def delete(store: Store, samples: Sequence[int]) -> None:
    """Take the samples out of lists and exports; `undelete` brings them back as they were."""
    change(store, samples, {"deleted": now()})


def undelete(store: Store, samples: Sequence[int]) -> None:
    """Bring deleted samples back."""
    change(store, samples, {"deleted": None})


def change(store: Store, samples: Iterable[int], values: dict[str, object]) -> None:
    """Set columns of the samples, all in one transaction; StoreError if one does not exist."""
    with writing(store.engine) as session:
        for sample in samples:
            require(session, sample)
            session.execute(update(Sample).where(Sample.id == sample).values(**values))
