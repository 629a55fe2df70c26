"""The demo as a stranger meets it: from an example to a download, beside another stranger, until nothing is left."""

import hashlib
import io
import re
import tempfile
import urllib.request
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest

from annotation.web.demo_page import WORDS
from benchmarks.generated.clips import Clip, write_camera
from matting.files import encode_image, read_image
from tests.annotation.editor.app import picture
from tests.annotation.visits.test_erasing import whole_of
from tests.browser import CHROMIUM, camera_flags, running_app
from tests.matting.video.clips import write_clip

EXAMPLES = "/file=.*/(astronaut|chelsea|coffee|studio|sky|sunset|leaves|lights|paper)"
ASK = """([urls, secret]) =>
  Promise.all(urls.map(async url => (await fetch(url, { headers: { "x-secret": secret } })).status))"""
TABS = ["Cut out", "Correct", "Live", "Video"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The address of a running demo, and every folder that it writes to."""
    from matting.models import MODELS
    from matting.weights import WeightsError, find_weights
    from tests.conftest import missing

    try:
        for weights in MODELS["auto"].weights:
            find_weights(weights)
    except WeightsError as error:
        missing(str(error))
    data, temporary = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with running_app(data, "--demo") as address:
            yield address, data, temporary


def stranger(chromium, address):
    """A browser of its own, on the page; what went wrong in it is collected."""
    page = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True).new_page()
    page.faults = []
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("response", lambda answer: page.faults.append(answer.url) if answer.status >= 400 else None)
    page.urls = []
    page.on("request", lambda request: page.urls.append(request.url))
    page.goto(address)
    page.get_by_role("tab", name="Cut out", exact=True).wait_for()
    return page


@pytest.mark.browser
@pytest.mark.slow
def test_a_visit_from_a_photo_to_nothing(chromium, demo, tmp_path):
    address, data, temporary = demo
    before = {path for folder in (data, temporary) for path in whole_of(folder)}
    page = stranger(chromium, address)
    assert [tab.inner_text() for tab in page.locator("[role=tablist]").first.get_by_role("tab").all()] == TABS
    noise = np.random.default_rng(3).integers(-6, 7, (240, 320, 3))
    image = np.clip(picture()[0].astype(int) + noise, 0, 255).astype(np.uint8)
    photo = tmp_path / "Hidden garden.png"
    photo.write_bytes(encode_image(image, ".png"))
    page.locator("input[type=file]").first.set_input_files(photo)
    page.locator(".summary", has_text="320 × 240").last.wait_for(timeout=120_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert read_image(io.BytesIO(Path(download.value.path()).read_bytes())).shape[:2] == (240, 320)
    page.get_by_role("button", name="Correct by hand").click()
    page.locator(".trimap-editor[data-state=open]").wait_for(timeout=60_000)
    page.locator("[aria-label='The photo'], .panes").first.scroll_into_view_if_needed()
    box = page.locator(".panes").bounding_box()
    page.keyboard.press("b")
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4 + 60, box["y"] + 90, steps=5)
    page.mouse.up()
    page.get_by_text("Stored, 1 stroke").wait_for()
    assert page.get_by_role("button", name="Save to the dataset").count() == 0

    other = stranger(chromium, address)
    shown = {url for url in page.urls if re.search(r"/file=|/correct/works/", url)}
    assert any("/file=" in url for url in shown) and any("/correct/works/" in url for url in shown)
    secret = page.evaluate("localStorage.getItem('matting-studio-secret')")
    guessed, own = (each.evaluate(ASK, [sorted(shown), secret]) for each in (other, page))
    assert set(own) == {200}
    assert all(re.search(EXAMPLES, url) for url, status in zip(sorted(shown), guessed, strict=True) if status != 404)
    other.faults.clear()

    content = photo.read_bytes()
    pieces = [content[at : at + 32] for at in range(99, len(content) - 99, 4999)]
    assert any(piece in held for folder in (data, temporary) for held in whole_of(folder).values() for piece in pieces)
    assert page.faults == []
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="Erase my pictures").click()
    page.faults.clear()  # what the old page still asked for was erased
    page.get_by_role("tab", name="Cut out", exact=True).wait_for()
    left = {path: held for folder in (data, temporary) for path, held in whole_of(folder).items()}
    pieces.append(b"Hidden garden")
    assert [path for path in left if "Hidden garden" in str(path)] == []
    assert [path for path, held in left.items() if any(each in held for each in pieces)] == []
    assert {path for path in left if path not in before and path.suffix in (".png", ".jpg", ".jpeg", ".npy")} == set()
    assert page.faults == other.faults == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("size", [(1360, 900), (390, 844)])
def test_the_notice_fits_and_says_what_is_kept(chromium, demo, size):
    page = stranger(chromium, demo[0])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sentence = WORDS.format(time="2 hours").replace("**", "")
    page.get_by_text(sentence.partition(".")[2].strip()).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    button = page.get_by_role("button", name="Erase my pictures").bounding_box()
    assert button["x"] >= 0 and button["x"] + button["width"] <= size[0]
    assert page.faults == []


@pytest.mark.slow
def test_a_space_is_a_demo_by_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "somebody/matting")
    monkeypatch.setenv("SPACE_HOST", "somebody-matting.hf.space")
    with running_app(tmp_path) as address:
        asked = urllib.request.Request(f"{address}/config", headers={"Host": "somebody-matting.hf.space"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert "matting-visit=" in answer.headers["set-cookie"]
            assert b"Erase my pictures" in answer.read()
    assert tempfile.gettempdir()


@pytest.mark.browser
@pytest.mark.slow
def test_every_tab_works_under_the_policy_that_the_page_is_sent(chromium, demo, tmp_path):
    camera = write_camera(tmp_path / "camera.y4m", Clip(20, (120, 160), speed=0))
    opened = chromium.browser_type.launch(executable_path=CHROMIUM, args=camera_flags(camera))
    page = stranger(opened, demo[0])
    page.context.grant_permissions(["camera"])
    page.get_by_role("tab", name="Correct", exact=True).click()
    page.locator(".trimap-editor[data-state]").wait_for()
    page.get_by_role("tab", name="Live", exact=True).click()
    page.get_by_role("button", name="Start camera").click()
    page.locator(".live[data-state=live]").wait_for(timeout=60_000)
    page.locator(".live-figures:not(:empty)").wait_for(timeout=60_000)
    page.get_by_role("tab", name="Video", exact=True).click()
    write_clip(tmp_path / "clip.mp4", frames=6)
    page.locator("input[type=file]:visible, [role=tabpanel]:visible input[type=file]").first.set_input_files(
        tmp_path / "clip.mp4"
    )
    page.get_by_text("frames a second").wait_for(timeout=60_000)
    page.get_by_role("button", name="Make the video").click()
    page.get_by_text("Done.").wait_for(timeout=120_000)
    page.wait_for_function("[...document.querySelectorAll('video')].some(each => each.videoWidth)")
    page.get_by_role("tab", name="Cut out", exact=True).click()
    page.locator(".gallery-item").first.click()
    page.locator(".summary", has_text="512 × 512").last.wait_for(timeout=120_000)
    page.get_by_role("tabpanel").get_by_role("radio", name="Blur").locator("visible=true").first.check()
    blocked = page.evaluate("""async () => {
      const broken = new Promise(done => document.addEventListener("securitypolicyviolation", done, { once: true }));
      document.head.append(Object.assign(document.createElement("script"), { text: "window.injected = 1" }));
      const event = await broken;
      return [event.effectiveDirective, window.injected ?? null];
    }""")
    assert blocked == ["script-src-elem", None]
    assert [fault for fault in page.faults if "inline script" not in fault] == []
    opened.close()


@pytest.mark.slow
def test_a_page_may_run_its_own_scripts_and_no_others(demo):
    with urllib.request.urlopen(demo[0], timeout=30) as answer:
        text = answer.read().decode()
        parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    policy = {name: sources for name, *sources in parts}
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", text, re.DOTALL)
    hashes = {f"'sha256-{b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts}
    assert len(scripts) >= 3
    assert set(policy["script-src"]) == {"'self'", "'unsafe-eval'", *hashes}
    assert (policy["object-src"], policy["frame-ancestors"]) == (["'none'"], ["'self'"])
