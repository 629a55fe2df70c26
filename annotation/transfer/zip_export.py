"""An export as one zip, for people who cannot reach the server's folders. The same export gives the same bytes."""

import shutil
import zipfile
from pathlib import Path

from annotation.store import StoreError
from annotation.transfer.manifest import MANIFEST, exported, read_manifest
from matting.environment.variables import whole_number

MAX_ZIP = whole_number("MATTING_MAX_DOWNLOAD", 4_000_000_000)
"""The most bytes of an export that is packed; set by MATTING_MAX_DOWNLOAD."""


def pack(folder: Path, target: Path, *, longest: int = MAX_ZIP) -> int:
    """Write the export in `folder` to the zip `target`, below a folder with the export's name; the size in bytes.

    Nothing is held in memory. Nothing is compressed, because PNGs do not shrink further. Names are sorted, times fixed.

    Raises:
        StoreError: it is not an export, is larger than `longest` bytes, or cannot be read or written.
    """
    sizes = {path: done.size for path, done in read_manifest(folder)}
    if not sizes:
        raise StoreError(f"{folder} is not an export; make one first")
    if sum(sizes.values()) > longest:
        raise StoreError(
            f"the export has {sum(sizes.values()) / 1e9:.1f} GB, more than the {longest / 1e9:g} GB of a download; "
            f"copy the folder {folder} from the server instead"
        )
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted([*sizes, MANIFEST]):
                member = zipfile.ZipInfo(f"{folder.name}/{path}")  # its time is 1980
                member.external_attr = 0o644 << 16
                with exported(folder, path).open("rb") as file, archive.open(member, "w", force_zip64=True) as packed:
                    shutil.copyfileobj(file, packed)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise StoreError(f"could not pack the export {folder}: {error.strerror or error}") from error
    return target.stat().st_size
