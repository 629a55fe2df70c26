"""How large an upload may be, by its kind, and the message if it is larger. A demo's limits are in visits/limits.py."""

from pathlib import Path

from annotation.transfer.zip_export import MAX_ZIP
from annotation.visits.strange_files import read_upload
from annotation.visits.visit import check, current
from matting.environment.variables import whole_number
from matting.files import MAX_PIXELS, SUFFIXES
from matting.files.picture_header import drawn_size
from matting.video.files import open_video

LIMITS = {
    "photo": whole_number("MATTING_MAX_PHOTO", 8 * MAX_PIXELS + 16_000_000),
    "video": whole_number("MATTING_MAX_VIDEO", 8_000_000_000),
    "archive": whole_number("MATTING_MAX_ARCHIVE", MAX_ZIP + 100_000_000),
}
"""Bytes of one file. Uncompressed 16-bit RGBA photos and zips of exports stay below their limits."""
LARGEST = max(LIMITS.values())
"""The largest file that the server accepts: its kind is known only after the upload."""
ARCHIVES = (".zip", ".tar")


class UploadError(ValueError):
    """A file that is refused, and why."""


def accepted(path: str | Path, kind: str = "") -> Path:
    """The path of an uploaded file of that kind, or of the kind that its name suggests.

    Raises:
        UploadError: it is larger than allowed for its kind, or no longer there.
    """
    file = Path(path)
    kind = kind or kind_of(file)
    try:
        size = file.stat().st_size
    except OSError as error:
        raise UploadError(f"{file.name} is no longer there; choose it again") from error
    if current():
        check_bounds(file, kind)
    if size > LIMITS[kind]:
        raise UploadError(
            f"{file.name}: a {kind} may have {LIMITS[kind] / 1e6:,.0f} MB here, but this one has {size / 1e6:,.1f} MB"
        )
    return file


def check_bounds(file: Path, kind: str) -> None:
    """LimitError if this picture is too large, or this video too long, for a visitor to a demo."""
    if kind == "photo":
        height, width = read_upload(drawn_size, file)
        check("photo_megapixels", height * width / 1e6)
    elif kind == "video":
        check("video_seconds", read_upload(seconds_of, file))


def seconds_of(video: Path) -> float:
    """How long a video claims to be."""
    return open_video(video).seconds


def kind_of(file: Path) -> str:
    """The kind in LIMITS that the file's name suggests; a file that is neither a picture nor an archive may be a
    video."""
    suffix = file.suffix.lower()
    return "photo" if suffix in SUFFIXES else "archive" if suffix in ARCHIVES else "video"
