"""A folder is dropped or chosen as it is: photos find their alphas in the folders below it."""

import re
from base64 import b64encode

import numpy as np
import pytest

from annotation.store import find_samples, get_revision, open_store
from matting.files import encode_image, write_image
from tests import browser
from tests.annotation.transfer.test_import_pairing import disc

pytestmark = pytest.mark.browser
DEEP = "a folder with a long name " * 3 + "ünïcode"


@pytest.fixture
def folder(tmp_path, picture):
    """Two photos with alphas in another folder, one deep below, a damaged one, and a hidden file."""
    folder = tmp_path / "my set"
    for number, place in ((1, ""), (2, f"{DEEP}/{DEEP}/")):
        for kind, content in (("images", picture(number)[:48, :64]), ("masks", disc())):
            path = folder / place / kind / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(path, content)
    (folder / "images" / "3.png").write_bytes(encode_image(picture(3), ".png")[:80])
    (folder / ".hidden.png").write_bytes(b"x")
    return folder


def choose(page, folder):
    with page.expect_file_chooser() as waiting:
        page.locator("#choose-folder").click()
    waiting.value.set_files(folder)


DROP = """async ([name, files]) => {
  const disk = await new Promise((done, fail) => webkitRequestFileSystem(TEMPORARY, 1e8, done, fail));
  const within = (folder, part) => new Promise((done, fail) => folder.getDirectory(part, { create: true }, done, fail));
  const top = await within(disk.root, name);
  for (const [path, content] of files) {
    const parts = path.split("/"), last = parts.pop();
    let folder = top;
    for (const part of parts) folder = await within(folder, part);
    const file = await new Promise((done, fail) => folder.getFile(last, { create: true }, done, fail));
    const writer = await new Promise((done, fail) => file.createWriter(done, fail));
    const bytes = Uint8Array.from(atob(content), one => one.charCodeAt(0));
    await new Promise(done => { writer.onwriteend = done; writer.write(new Blob([bytes])); });
  }
  const event = new DragEvent("drop", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", { value: { items: [{ webkitGetAsEntry: () => top }], files: [] } });
  document.querySelector("#bring-in button, #bring-in").dispatchEvent(event);
}"""
"""Lets go of a folder that the browser itself keeps; a test cannot drag one in from the desktop."""


def drop(page, folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    given = [(path.relative_to(folder).as_posix(), b64encode(path.read_bytes()).decode()) for path in files]
    page.evaluate(DROP, [folder.name, given])


@pytest.mark.parametrize("bring", [choose, drop])
def test_a_folder_comes_in_as_a_folder(chromium, tmp_path, folder, bring):
    with browser.running_app(tmp_path) as address:
        page = chromium.new_context(viewport={"width": 1360, "height": 900}).new_page()
        page.goto(address)
        page.get_by_role("tab", name="Dataset").click()
        page.locator(".shortcuts").get_by_role("button", name="Bring photos in").click()
        page.locator("#bring-in").scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        bring(page, folder)
        page.locator("#bring-in .file-preview").wait_for()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("2 new samples").first.wait_for(timeout=30_000)
        page.get_by_text(re.compile(r"images/3\.png")).first.wait_for()
        page.context.close()
    store = open_store(tmp_path)
    samples = find_samples(store)
    assert len(samples) == 2
    assert all(get_revision(store, sample.id).alpha for sample in samples)
    assert np.all([sample.width == 64 for sample in samples])
