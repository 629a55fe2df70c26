"""The Cut-out tab in a real browser, as a person uses it."""

import base64
import io
import re
import time
import zipfile

import numpy as np
import pytest
import skimage.data
from PIL import Image

from matting.files import read_alpha, read_image
from matting.metrics.comparing import is_present
from matting.models import listed_models
from tests.browser import wait_until

pytestmark = pytest.mark.browser


def choose_example(page, index):
    page.locator("button.gallery-item, .gallery-item").nth(index).click()


def summary(page):
    return page.locator(".summary").last.inner_text()


def wait_for_result(page, words):
    page.get_by_text(words).first.wait_for(timeout=60_000)
    page.wait_for_function("document.querySelectorAll('.slider-wrap img, .image-container img').length >= 2")


def download(page, name, path):
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name=name if name == "Download" else f"↓ {name}", exact=True).click()
    waiting.value.save_as(path)
    return waiting.value.suggested_filename


def test_an_example_is_cut_out_in_one_click_and_ten_seconds(page, record_property):
    started = time.monotonic()
    choose_example(page, 0)
    wait_for_result(page, "modnet")
    seconds = time.monotonic() - started
    record_property("seconds", seconds)
    assert seconds <= 10


def test_the_whole_way_from_example_to_files(page, tmp_path):
    choose_example(page, 0)
    wait_for_result(page, "modnet")
    photo = skimage.data.astronaut()

    assert download(page, "Cut-out", tmp_path / "cutout.png") == "astronaut_cutout.png"
    pixels = np.array(Image.open(tmp_path / "cutout.png"))
    assert pixels.shape == (512, 512, 4)
    assert pixels[100, 230, 3] == 255  # her face
    assert np.array_equal(pixels[100, 230, :3], photo[100, 230])  # keeps its own colour
    assert pixels[30, 400, 3] == 0  # the wall

    page.get_by_label("Colour", exact=True).check()
    assert download(page, "All as ZIP", tmp_path / "all.zip") == "astronaut.zip"
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = {f"astronaut_{part}.png" for part in ("cutout", "composite", "alpha", "trimap", "foreground")}
        assert set(archive.namelist()) == names
        alpha = read_alpha(io.BytesIO(archive.read("astronaut_alpha.png")))
        result = read_image(io.BytesIO(archive.read("astronaut_composite.png")))
        trimap = np.array(Image.open(io.BytesIO(archive.read("astronaut_trimap.png"))))
    assert np.abs(np.round(alpha * 255) - pixels[..., 3]).max() <= 1
    assert np.array_equal(result[30, 400], (0x2F, 0x9E, 0x6E))  # the chosen colour, where the wall was
    assert set(np.unique(trimap)) == {0, 128, 255}


def test_auto_says_what_it_took_and_can_be_overridden(page):
    choose_example(page, 2)
    wait_for_result(page, "MobileSAM")
    page.get_by_text("More: every model").click()
    page.get_by_label("Subject").click()
    page.get_by_role("option", name="MODNet: people").click()
    page.get_by_text("MODNet").first.wait_for(timeout=60_000)


def test_people_can_be_asked_for_and_taken_one_by_one(page, tmp_path, nanodet):
    """Somebody beside her mirror image: both, then only the right one; where there is no dog, she stays."""
    astronaut = skimage.data.astronaut()
    photo = encoded("PNG", Image.fromarray(np.concatenate([astronaut, astronaut[:, ::-1]], axis=1)))
    page.locator("input[type=file]").first.set_input_files(
        {"name": "two.png", "mimeType": "image/png", "buffer": photo}
    )
    page.locator("#download:enabled").wait_for(timeout=60_000)
    which = page.locator("#which")
    assert not which.is_visible()
    page.get_by_text("More: every model").click()
    subject = page.get_by_role("combobox", name="Subject")
    faces = ((120, 225), (120, 798))

    def covered(stem):
        page.locator("#download:enabled").wait_for(timeout=60_000)
        assert download(page, "Alpha", tmp_path / "alpha.png") == f"{stem}_alpha.png"
        return [read_alpha(tmp_path / "alpha.png")[face] > 0.5 for face in faces]

    subject.fill("every person")
    page.get_by_role("option", name="every person", exact=True).click()
    page.locator("#what-took-part", has_text="2 of them").wait_for(timeout=60_000)
    assert which.get_by_role("radio", name="All").is_checked() and covered("two") == [True, True]
    which.get_by_text("Person 2").click()
    page.locator("#what-took-part", has_text="number 2 of 2, from the left").wait_for(timeout=60_000)
    assert covered("two-2") == [False, True]
    subject.fill("every dog")
    page.get_by_role("option", name="every dog", exact=True).click()
    page.get_by_text("no dog was found in the photo").last.wait_for(timeout=60_000)
    assert covered("two-2") == [False, True]


def test_clicks_on_the_photo_say_what_the_subject_is(page, tmp_path):
    """The spoon alone becomes the subject, then the saucer is added. The photo is not drawn at its size."""
    choose_example(page, 2)
    wait_for_result(page, "MobileSAM")
    drawn, (height, width) = page.locator(".given img").first, skimage.data.coffee().shape[:2]
    saucer, spoon = (120, 180), (364, 277)

    def alpha():
        download(page, "Alpha", tmp_path / "alpha.png")
        return read_alpha(tmp_path / "alpha.png")

    def click(place):
        box = drawn.bounding_box()
        drawn.click(position={"x": box["width"] * place[0] / width, "y": box["height"] * place[1] / height})
        page.get_by_text("what you clicked on").wait_for(timeout=60_000)

    click(spoon)
    wait_until(lambda: alpha()[spoon[::-1]] > 0.5 > alpha()[saucer[::-1]], seconds=60)
    click(saucer)
    wait_until(lambda: alpha()[saucer[::-1]] > 0.5, seconds=60)
    assert alpha().shape == (height, width)


def test_widths_and_solver_change_trimap_and_alpha(page, tmp_path):
    choose_example(page, 1)
    wait_for_result(page, "MobileSAM")
    download(page, "Alpha", tmp_path / "before.png")
    page.get_by_label("Fastest").check()
    before = read_alpha(tmp_path / "before.png")

    def changed():
        download(page, "Alpha", tmp_path / "after.png")
        return not np.array_equal(read_alpha(tmp_path / "after.png"), before)

    wait_until(changed, seconds=60)
    page.get_by_text("More: every model").click()
    assert page.get_by_label("Worked out by").input_value() == "Shared matting"
    shown = page.get_by_text("of the photo is unknown").inner_text()
    outer = page.get_by_label("number input for Unknown outside the edge, px")
    outer.fill("2")
    outer.press("Tab")
    wait_until(lambda: page.get_by_text("of the photo is unknown").inner_text() != shown, seconds=60)


def bottom_of(element):
    box = element.bounding_box()
    return box["y"] + box["height"] if box else float("inf")


def test_the_result_opens_whole_and_two_clicks_download_what_is_seen(page, tmp_path):
    main = page.locator("#download")
    assert main.is_disabled() and page.get_by_role("button", name="Correct by hand").is_disabled()
    choose_example(page, 0)
    wait_for_result(page, "modnet")
    page.locator("#download:enabled").wait_for()
    frame = page.locator("#result .slider-wrap").bounding_box()  # a square photo stands in its middle
    handle = page.locator("#result [data-testid=slider]").bounding_box()
    left = frame["x"] + (frame["width"] - frame["height"]) / 2
    assert abs(handle["x"] + handle["width"] / 2 - left) < 30  # the photo covers nothing of the cut-out
    assert download(page, "Download", tmp_path / "a.png") == "astronaut_cutout.png"

    page.get_by_label("Picture", exact=True).check()
    sunset = page.locator(".results .gallery-item").nth(2)
    wait_until(lambda: bottom_of(sunset) < page.viewport_size["height"], seconds=20)  # nobody has to look for it
    sunset.click()
    wait_until(lambda: download(page, "Download", tmp_path / "b.png") == "astronaut_composite.png", seconds=20)
    corner = np.array(Image.open(tmp_path / "b.png").convert("RGB"))[20, 490].astype(int)
    assert np.abs(corner - (0x2E, 0x2A, 0x5C)).max() < 24  # the top of the sunset


def test_every_model_that_is_there_is_compared_and_a_click_takes_one(page):
    choose_example(page, 2)
    wait_for_result(page, "MobileSAM")
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare the models").click()
    page.get_by_text(re.compile("^Comparing|models…$")).first.wait_for(timeout=30_000)
    page.locator("button:enabled", has_text="Compare the models").wait_for(timeout=300_000)
    captions = page.locator("#compared .caption-label").all_inner_texts()
    present = [name for name in listed_models() if is_present(name) and name != "auto"]
    assert len(captions) == len(present)
    assert all(re.search(r". · \d+\.\d s · \d+(\.\d)? [MG]B$", caption) for caption in captions)
    at = next(index for index, caption in enumerate(captions) if "Shared matting" in caption)
    page.locator("#compared .thumbnail-item").nth(at).click()
    page.locator("#what-took-part", has_text="edges: Shared matting").wait_for(timeout=30_000)
    assert page.get_by_label("Fastest").is_checked()


def encoded(kind, *pictures, **options):
    file = io.BytesIO()
    pictures[0].save(file, kind, save_all=len(pictures) > 1, append_images=pictures[1:], **options)
    return file.getvalue()


PERSON = Image.fromarray(skimage.data.astronaut())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "dot.png",
            encoded("PNG", PERSON.resize((1, 1))),
            "dot.png is 1 × 1 pixels, but a subject",
        ),
        (
            "dance.gif",
            encoded("GIF", PERSON, PERSON.rotate(9)),
            "512 × 512 · this is the first picture",
        ),
        ("cut.jpg", encoded("JPEG", PERSON)[:40_000], "512 × 512 · the file is cut off: what is missing is grey"),
    ],
)
def test_an_odd_file_gets_a_fitting_sentence(page, name, content, words):
    upload = page.locator("input[type=file]").first
    upload.set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
    page.get_by_text(words).first.wait_for(timeout=30_000)


DROP = """async ([selector, pictures]) => {
  const dataTransfer = new DataTransfer();
  for (const [name, content] of pictures) {
    const bytes = Uint8Array.from(atob(content), one => one.charCodeAt(0));
    dataTransfer.items.add(new File([bytes], name, { type: "image/png" }));
  }
  return ["dragover", "drop"].map(type => {
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
    document.querySelector(selector).dispatchEvent(event);
    return event.defaultPrevented;
  });
}"""
"""Whether the browser was kept from leaving the page for the files that are dropped."""


def test_a_photo_can_be_dropped_anywhere_and_of_several_the_first_is_taken_aloud(page):
    pictures = [
        (f"{width}.png", base64.b64encode(encoded("PNG", PERSON.resize((width, 48)))).decode()) for width in (64, 80)
    ]
    assert page.evaluate(DROP, ["h1", pictures]) == [True, True]  # the place for a photo is empty
    page.locator(".toast-body", has_text="You dropped 2 files").wait_for(timeout=20_000)
    page.get_by_text("64 × 48").first.wait_for(timeout=60_000)
    assert page.evaluate(DROP, [".given img", pictures[1:]]) == [True, True]  # it shows a photo
    page.get_by_text("80 × 48").first.wait_for(timeout=60_000)
    page.get_by_role("tab", name="Train").click()
    assert page.evaluate(DROP, ["h1", pictures]) == [True, True]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is not a picture"), (b"\x89PNG\r\n\x1a\nnot really", "is not a picture"), (b"<svg/>", "is not a picture")],
)
def test_a_bad_file_is_refused_in_a_sentence(page, content, words):
    upload = page.locator("input[type=file]").first
    upload.set_input_files({"name": "holiday.png", "mimeType": "image/png", "buffer": content})
    page.get_by_text(words).first.wait_for(timeout=20_000)
    choose_example(page, 0)
    wait_for_result(page, "modnet")  # and the page goes on working


def problem(page):
    return page.locator(".block.problem")


def test_a_refused_file_takes_nothing_away_and_its_sentence_stays(page, tmp_path):
    choose_example(page, 0)
    wait_for_result(page, "modnet")
    upload = page.locator("input[type=file]").first
    upload.set_input_files({"name": "holiday.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.locator(".toast-close").click(timeout=20_000)
    assert "holiday.png is not a picture" in problem(page).inner_text()
    shown = page.locator(".given img").first  # the photo before, drawn by the browser
    wait_until(lambda: shown.evaluate("image => image.naturalWidth") == 512, seconds=20)
    assert download(page, "Alpha", tmp_path / "kept.png") == "astronaut_alpha.png"

    choose_example(page, 2)
    wait_for_result(page, "MobileSAM")
    assert not problem(page).is_visible()


def test_a_result_that_cannot_be_shown_says_why_until_it_can(page):
    choose_example(page, 0)
    wait_for_result(page, "modnet")
    page.get_by_label("Picture", exact=True).check()
    behind = page.locator("input[type=file]").nth(1)
    behind.set_input_files({"name": "beach.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.locator(".toast-close").click(timeout=20_000)
    assert "beach.png is not a picture" in problem(page).inner_text()
    page.get_by_label("Blur", exact=True).check()
    problem(page).wait_for(state="hidden")


def test_each_photo_is_looked_at_once_and_drawn_whatever_its_format(page):
    choose_example(page, 2)
    wait_for_result(page, "MobileSAM")
    page.locator("#status").wait_for(state="hidden", timeout=60_000)  # whose timer asks, too
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if "queue/join" in request.url else None)
    photo = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(photo, "TIFF")  # chromium draws no TIFF
    content = {"name": "astronaut.tif", "mimeType": "image/tiff", "buffer": photo.getvalue()}
    page.locator("input[type=file]").first.set_input_files(content)
    page.get_by_text("512 × 512").first.wait_for(timeout=60_000)
    page.wait_for_timeout(3000)
    steps = [request["fn_index"] for request in asked]
    assert len(steps) == len(set(steps)) == 4  # opened, subject, edges, shown
    assert page.locator(".given img").first.evaluate("image => image.naturalWidth") == 512


def test_two_people_do_not_touch_each_other(page, chromium, app, tmp_path):
    other = chromium.new_context(accept_downloads=True).new_page()
    other.goto(app)
    other.get_by_text("Your photo").first.wait_for()
    choose_example(page, 0)
    choose_example(other, 2)
    wait_for_result(page, "modnet")
    wait_for_result(other, "MobileSAM")
    assert download(page, "Alpha", tmp_path / "one.png") == "astronaut_alpha.png"
    assert download(other, "Alpha", tmp_path / "two.png") == "coffee_alpha.png"
    assert read_alpha(tmp_path / "one.png").shape == (512, 512)
    assert read_alpha(tmp_path / "two.png").shape == (400, 600)
    other.context.close()


OUT_OF_REACH = """() => [...document.querySelectorAll(".trimap-editor .bench .bar :is(button, input)")].filter(tool => {
  const { left, right, width } = tool.getBoundingClientRect();
  return tool.checkVisibility() && (left < 0 || right > innerWidth || width < 24 && tool.localName === "button");
}).map(tool => tool.outerHTML)"""
"""The editor's tools that are cut off at the edge of the screen, or too small for a thumb."""
WORDLESS = """() => [...document.querySelectorAll(".trimap-editor .bench .bar button:not(.checker)")].filter(tool =>
  tool.checkVisibility() && !tool.innerText.trim()).map(tool => tool.outerHTML)"""
"""Those that only an icon explains: a finger shows no title."""


def test_fits_a_phone_and_the_dark_theme(chromium, app):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    page = context.new_page()
    page.goto(f"{app}?__theme=dark")
    page.get_by_text("Your photo").first.wait_for()
    choose_example(page, 0)
    wait_for_result(page, "modnet")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    result = page.locator("#result")  # the page scrolls to it
    wait_until(lambda: 0 <= result.bounding_box()["y"] < 844 - result.bounding_box()["height"], seconds=10)
    heights = page.locator("[role=tablist]").first.evaluate(
        "list => [...list.querySelectorAll('[role=tab]')].map(tab => tab.getBoundingClientRect().y)"
    )
    assert len(heights) >= 5 and len(set(heights)) == 1  # in one line, none behind a menu
    page.get_by_role("button", name="Correct by hand").click()
    page.locator(".trimap-editor[data-state=open]").wait_for(timeout=30_000)
    assert page.evaluate(OUT_OF_REACH) == [] and page.evaluate(WORDLESS) == []
    page.set_viewport_size({"width": 1200, "height": 844})
    assert page.locator(".trimap-editor .painting").bounding_box()["height"] < 60  # in one row
    page.get_by_role("tab", name="Live", exact=True).click()
    box = page.locator(".live-mirror")
    assert box.is_checked()
    assert box.evaluate("box => getComputedStyle(box).backgroundColor") == "rgb(13, 148, 136)"  # and looks so
    context.close()
