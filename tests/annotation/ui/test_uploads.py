"""How large a file may be, by its kind."""

from pathlib import Path

import gradio as gr
import pytest

from annotation.store import open_store
from annotation.transfer.zip_export import MAX_ZIP
from annotation.ui import uploads
from annotation.ui.cut_out.backgrounds import Scenery
from annotation.ui.cut_out.steps import change_photo
from annotation.ui.dataset.importing import bring_in
from annotation.ui.page import LARGEST
from annotation.ui.uploads import LIMITS, UploadError, accepted
from annotation.ui.video.tab import describe
from matting.files import encode_image
from tests.annotation.editor.app import picture


def sparse(path: Path, size: int) -> str:
    """A file of that many bytes which takes no room."""
    with path.open("wb") as file:
        file.truncate(size)
    return str(path)


def test_videos_and_archives_are_not_bound_by_the_photo_limit(tmp_path):
    assert LIMITS["archive"] > MAX_ZIP
    assert LARGEST == max(LIMITS.values()) > LIMITS["photo"]
    for name in ("clip.mp4", "clip.unknown", "export.zip", "Export.TAR"):
        assert accepted(sparse(tmp_path / name, LIMITS["photo"] + 1)) == tmp_path / name


@pytest.mark.parametrize(("name", "kind"), [("a.png", "photo"), ("a.MP4", "video"), ("a.zip", "archive")])
def test_one_byte_too_many_is_refused_in_a_sentence(tmp_path, name, kind):
    assert accepted(sparse(tmp_path / name, LIMITS[kind]))
    with pytest.raises(UploadError, match=f"{name}: a {kind} may have .* MB here, but this one has"):
        accepted(sparse(tmp_path / name, LIMITS[kind] + 1))


def test_every_place_that_takes_files_knows_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LIMITS", {"photo": 10, "video": 10, "archive": 10})
    photo = tmp_path / "photo.png"
    photo.write_bytes(encode_image(picture()[0], ".png"))
    clip = sparse(tmp_path / "clip.mp4", 11)
    with pytest.raises(gr.Error, match="a photo may have"):
        change_photo(None, str(photo), "auto")
    with pytest.raises(UploadError, match="a photo may have"):
        _ = Scenery("Picture", picture=str(photo)).chosen
    assert "a video may have" in describe(clip)[0]
    words, *_ = bring_in(open_store(tmp_path), [str(photo), clip])
    assert "a photo may have" in words
    assert "a video may have" in words


def test_an_upload_that_is_gone_is_told_by_its_name(tmp_path):
    with pytest.raises(gr.Error, match=r"photo\.png is no longer there; choose it again"):
        change_photo(None, str(tmp_path / "photo.png"), "auto")
