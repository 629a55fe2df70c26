"""Which files are pictures, by their suffix: those that are read, and those that are not."""

from pathlib import PurePath

HEIF = {".heic", ".heif", ".hif"}
"""Read if the package pillow-heif is installed."""
SUFFIXES = {
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".avif"
} | HEIF  # fmt: skip
"""The suffixes of pictures that are read here, in lower case; pictures.py removes what it cannot read."""
UNREAD = {
    "raw": ".arw .cr2 .cr3 .crw .dng .nef .nrw .orf .pef .raf .raw .rw2 .sr2 .srw .x3f",
    "other": ".exr .hdr .ico .j2k .jp2 .jxl .jxr .pbm .pcx .pgm .pnm .ppm .psb .psd .qoi .sgi .svg .tga .xcf",
}
ARCHIVES = {".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".txz", ".xz", ".zip", ".zst"}


def why_unread(name: str) -> str:
    """Why a file that is a picture by its suffix is not read; "" if it is read or not a picture."""
    suffix = PurePath(name).suffix.lower()
    if suffix in SUFFIXES:
        return ""
    if suffix in HEIF:
        return f"to read {suffix}, install the package pillow-heif"
    if suffix in UNREAD["raw"].split():
        return f"a camera's raw file ({suffix}) must be developed first, say as PNG or JPEG"
    if suffix in UNREAD["other"].split():
        return f"{suffix} is not a format read here; save it as PNG"
    return ""
