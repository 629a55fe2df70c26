"""Pictures that the page shows again and again, such as those of a list: each is written once.

Gradio writes a picture each time it is shown, into the same file. A browser that reads it at that moment gets half.
"""

import hashlib
from pathlib import Path

from gradio.utils import get_upload_folder

from matting.arrays import Image
from matting.files import encode_image, write_file

SUFFIX = ".webp"


def picture_file(picture: Image) -> str:
    """The path of a file with `picture`, in the folder from which Gradio serves."""
    digest = hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes()).hexdigest()
    path = Path(get_upload_folder()) / "pictures" / (digest + SUFFIX)
    if not path.exists():
        write_file(path, encode_image(picture, SUFFIX))
    return str(path)
