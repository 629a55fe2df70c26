"""The Dataset tab: its handlers without a server, and the tab in a real browser as a person uses it."""

import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from sqlalchemy import update

from annotation.correction import finishing, whole_picture
from annotation.correction.finishing import Result, take_sample
from annotation.correction.whole_picture import label
from annotation.labelling.automatic_labels import Prelabelling, prelabel
from annotation.store import (
    Effort,
    Filter,
    Provenance,
    Revision,
    RevisionContent,
    State,
    add_sample,
    assign,
    count_states,
    find_samples,
    get_revision,
    get_sample,
    list_revisions,
    open_store,
    save_revision,
    set_provenance,
    set_state,
    writing,
)
from annotation.studio import Studio
from annotation.ui.correct import steps as correct_steps
from annotation.ui.dataset import import_and_export, importing, provenance
from annotation.ui.dataset import tab as dataset_tab
from annotation.ui.dataset.numbers import numbers_html
from annotation.ui.dataset.review import go_back
from annotation.ui.dataset.steps import PAGE_SAMPLES, Query, headline, page_of, progress_html, revision_choices, view
from annotation.ui.errors import with_warnings
from matting.arrays import UNKNOWN
from matting.files import encode_image
from matting.models.base import Model
from tests import browser
from tests.annotation.store.samples import contents, fill, work_of
from tests.browser import wait_until


@pytest.fixture
def data(tmp_path, picture):
    """A dataset of 30 samples: 28 done, one with two revisions, one approved, one photo alone still to do."""
    store = open_store(tmp_path / "data")
    fill(store, picture, 30)
    save_revision(store, 1, work_of(99, (32, 40)), parent=1)
    set_state(store, [2], State.APPROVED)
    add_sample(store, picture(500), name="<b>alone</b>")
    store.close()
    return str(tmp_path / "data")


def test_pages(data):
    first = page_of(open_store(data), Query(), 1)
    assert (len(first.pictures), first.pages, first.total, first.samples) == (PAGE_SAMPLES, 2, 31, list(range(1, 25)))
    assert page_of(open_store(data), Query(), 99).samples == list(range(25, 32))
    assert page_of(open_store(data), Query(states=("approved",)), 1).samples == [2]
    nothing = page_of(open_store(data), Query(text="no such"), 1)
    assert (nothing.samples, nothing.pages) == ([], 1)
    assert first.pictures[0][0].shape == (34, 40, 3)  # with the bar of its state


def test_views_of_a_revision(data):
    """Photo and trimap are what is stored; the cut-out is colour over grey squares where the alpha is 0."""
    store = open_store(data)
    photo = view(open_store(data), 1, 0, "Cut-out")
    assert [number for _, number in revision_choices(open_store(data), 1)] == [2, 1, 0]
    trimap = view(open_store(data), 1, 1, "Trimap")
    np.testing.assert_array_equal(trimap[:, :, 0], work_of(0, (32, 40)).trimap)
    alpha = work_of(0, (32, 40)).alpha
    np.testing.assert_allclose(view(open_store(data), 1, 1, "Alpha")[:, :, 0], alpha * 255, atol=0.51)
    cutout = view(open_store(data), 1, 1, "Cut-out")
    clear, solid = alpha == 0, alpha == 1
    assert (cutout[clear].max(axis=1) == cutout[clear].min(axis=1)).all()
    np.testing.assert_allclose(cutout[solid], work_of(0, (32, 40)).foreground[solid] * 255, atol=0.51)
    assert photo.shape == cutout.shape
    assert get_sample(store, 1).current == 2


def test_a_sample_is_opened_as_the_kind_that_is_chosen(data):
    """Going on to the next sample, a reviewer goes on looking at what they look at."""
    for kind in ("Alpha", "Trimap"):
        *_, (left, right) = dataset_tab._open(open_store(data), 1, kind)
        np.testing.assert_array_equal(left, view(open_store(data), 1, 0, kind))
        np.testing.assert_array_equal(right, view(open_store(data), 1, 2, kind))


def test_names_are_text_and_not_markup(data):
    assert "&lt;b&gt;alone" in headline(open_store(data), 31)
    assert "<b>alone" not in headline(open_store(data), 31)


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_numbers_tell_a_lead_what_is_done_by_whom_and_what_is_left(tmp_path, picture):
    """Three samples of Ann's, half of whose pixels she corrected, one of Bo's, one imported; two are left."""
    store = open_store(tmp_path / "data")
    for number in range(7):
        add_sample(store, picture(number), name=f"{number}")
    blank = np.zeros(picture(0).shape[:2], np.float32)
    half = blank.copy()
    half[:, : half.shape[1] // 2] = 1
    for number, author in ((1, "Ann"), (2, "Ann"), (3, "Ann"), (4, "Bo")):
        save_revision(store, number, RevisionContent(alpha=blank), parent=0, effort=Effort(tool="automatic"))
        effort = Effort(author=author, tool="editor", minutes=number, strokes=2 * number)
        save_revision(store, number, RevisionContent(alpha=half), parent=1, effort=effort)
    save_revision(store, 7, RevisionContent(alpha=half / 2), parent=0, effort=Effort(tool="import"))
    set_state(store, [1, 2, 3, 7], State.DONE)
    set_state(store, [4], State.APPROVED)
    set_state(store, [5], State.IN_PROGRESS)
    today = get_revision(store, 1).created.date()
    words = text_of(numbers_html(store, today))
    for told in ("5 of 7 samples finished: 4 done, 1 approved", "2 left: 1 to do, 1 in progress",
                 "1 day for what is left, at 4 per working day", "2.5 minutes per sample", "5 strokes per sample",
                 "50.0% of a photo changed by correcting, the median of 4", f"Ann Bo {today:%a %d %b} 3 1 in all 3 1",
                 "1–2 1 2–4 2 4–8 1", "Strokes per sample 0 0 1–4 2 5–9 2",
                 "Alpha, % of the pixels 0 50.0 0.1–0.3 0.0 0.3–0.5 0.0 0.5–0.7 10.0 0.7–0.9 0.0 1 40.0"):  # fmt: skip
        assert told in words
    bar = text_of(progress_html(store))
    assert all(told in bar for told in ("7 samples", "1 to do", "1 in progress", "4 done", "1 approved"))


def test_the_days_left_are_those_at_the_pace_of_the_days_worked(tmp_path, picture):
    """Five samples in two days, four left: two days, not one a day for four."""
    store = open_store(tmp_path / "data")
    today = datetime.now(UTC)
    for number in range(1, 10):
        add_sample(store, picture(number), name=f"{number}")
    for number in range(1, 6):
        alpha = np.zeros(picture(0).shape[:2], np.float32)
        save_revision(store, number, RevisionContent(alpha=alpha), parent=0, effort=Effort(author="Ann", strokes=1))
    set_state(store, range(1, 6), State.DONE)
    with writing(store.engine) as session:
        session.execute(update(Revision).where(Revision.sample < 3).values(created=today - timedelta(days=3)))
    assert "2 days for what is left, at 2.5 per working day" in text_of(numbers_html(store, today.date()))


def test_there_is_no_diagram_of_one_sample(tmp_path, picture):
    store = open_store(tmp_path / "data")
    assert "No samples yet." in numbers_html(store, datetime.now(UTC).date())
    fill(store, picture, 1)
    words = text_of(numbers_html(store, datetime.now(UTC).date()))
    assert "1 of 1 samples finished" in words and "0 left" in words
    assert not any(title in words for title in ("Unknown", "Minutes", "Strokes", "Soft", "Alpha"))


def test_what_goes_wrong_is_a_sentence(data):
    with pytest.raises(gr.Error, match="Choose the revision to go back to"):
        go_back(open_store(data), 1, 0, "Ann")
    with pytest.raises(gr.Error, match="SPDX expression"):
        importing.bring_in(
            open_store(data), ["x.zip"], "", False, gr.Progress(), None, "", "", "my licence", "yes", "", ""
        )
    assert "x.zip is no longer there" in importing.bring_in(open_store(data), ["x.zip"])[0]
    with pytest.raises(gr.Error, match="has no licence"):
        set_state(open_store(data), [31], State.DONE)
        save_revision(open_store(data), 31, work_of(5, (48, 64)), parent=0)
        set_state(open_store(data), [31], State.DONE)
        import_and_export.hand_out(
            Studio.open(Path(data)), "rgba", "Approved and done", "Pass on, for research", False, 8
        )


def test_a_file_that_cannot_be_brought_in_keeps_no_other_out(data, picture, tmp_path):
    """Each is told by its own name, without the folder that the browser's files lie in."""
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("notes.txt", "no picture")
    (tmp_path / "clip.mp4").write_bytes(b"no video")
    (tmp_path / "new.png").write_bytes(encode_image(picture(700), ".png"))
    files = [str(tmp_path / name) for name in ("notes.zip", "clip.mp4", "new.png")]
    words, *_ = importing.bring_in(open_store(data), files)
    brought, *problems = words.split("\n\n")
    assert brought.startswith("**1 new sample**") and "*Label automatically*" in brought  # it has no alpha yet
    assert problems == [
        "⚠️ notes.zip holds no pictures.",
        "⚠️ clip.mp4 is not a video of a format read here, or is damaged.",
    ]


def test_an_import_tells_photos_alphas_and_revisions_and_its_fields_are_empty_again(tmp_path, picture):
    """What was stated of these photos is told, and is not stated unseen of the next ones."""
    store = open_store(tmp_path / "data")

    def bring(names, *stated):
        files = [str(tmp_path / name) for name in names]
        return importing.bring_in(store, files, "beach", False, gr.Progress(), None, *stated)

    for seed, name in enumerate(("a", "b", "c")):
        (tmp_path / f"{name}.png").write_bytes(encode_image(picture(seed), ".png"))
    soft = np.tile(np.linspace(0, 255, picture(0).shape[1]).astype(np.uint8), (picture(0).shape[0], 1))
    for name in ("a_alpha.png", "b_alpha.png"):
        (tmp_path / name).write_bytes(encode_image(soft, ".png"))
    stated = ("", "Zoë", "CC0-1.0", "no", "", "hair")
    words, _, _, *fields = bring(["a.png", "b.png", "a_alpha.png"], *stated)
    assert words.startswith("**2 new samples**, 1 with an alpha.")
    assert "Author *Zoë*, Licence (SPDX) *CC0-1.0*, Person visible *no*, Tags *hair*, Shoot *beach*." in words
    assert tuple(fields) == ("", False, "", "", "", "not stated", "", "")
    words, *_ = bring(["b.png", "b_alpha.png", "c.png"], *stated)
    assert words.startswith(
        "**1 new sample**, none with an alpha. 1 photo was already there, 1 with a new revision now."
    )
    _, _, _, *fields = bring(["c.png", "gone.png"], *stated)
    assert not {"", False} & {field for field in fields if isinstance(field, (str, bool))}  # to be tried again


def test_of_many_warnings_the_first_are_shown():
    *lines, rest = with_warnings("so far", [str(number) for number in range(12)]).split("\n\n")
    assert (len(lines), rest) == (11, "and 2 more")


def test_where_a_sample_comes_from_can_be_said_later(data):
    assert provenance.show(open_store(data), 31) == (31, "", "", "", "not stated", "", "")
    given = ("a friend", "Zoë <b>", "cc-by-4.0", "yes", "by letter", "Hair, glass")
    told = provenance.keep(open_store(data), 31, *given)
    assert all(text in told for text in ("a friend", "Zoë &lt;b&gt;", "CC-BY-4.0", "by letter", "glass hair"))
    sample = get_sample(open_store(data), 31)
    assert (sample.licence, sample.person_visible, sample.consent) == ("CC-BY-4.0", True, "by letter")
    assert provenance.show(open_store(data), 31) == (
        31,
        "a friend",
        "Zoë <b>",
        "CC-BY-4.0",
        "yes",
        "by letter",
        "glass hair",
    )
    with pytest.raises(gr.Error, match="SPDX expression"):
        provenance.keep(open_store(data), 31, "", "", "whatever", "no", "", "")
    assert get_sample(open_store(data), 31).licence == "CC-BY-4.0"


def test_two_people_correct_one_sample(data, monkeypatch):
    """Both take revision 2 into work; the second to save is told of the first, and both are kept."""
    alpha = work_of(3, (32, 40)).alpha
    monkeypatch.setattr(finishing, "finish", lambda open_draft, *_: Result(open_draft.session.trimap, alpha, b"[]", []))
    workspace = Studio.open(Path(data)).workspace
    ann, bo = ({"work": draft, "secret": f"key of {draft}"} for draft in (take_sample(workspace, 1) for _ in range(2)))
    save = correct_steps.saver(workspace)
    assert "sample 1](#dataset/1), revision 3." in save(ann, "shared")[0]
    with pytest.raises(gr.Error, match="saved revision 3 after revision 2, on which yours is based"):
        save(bo, "shared")
    store = open_store(data)
    assert (get_sample(store, 1).current, len(list_revisions(store, 1))) == (3, 4)
    assert "revision 5." in save(bo, "shared")[0]
    assert (get_sample(store, 1).current, get_revision(store, 1).parent) == (5, 3)


class HalfModel(Model):
    """Everything in the left half is subject."""

    name, title = "half", "Half"

    def estimate(self, image, trimap):
        alpha = np.zeros(image.shape[:2], np.float32)
        alpha[:, : image.shape[1] // 2] = 1
        return alpha


def test_prelabelling_touches_only_what_is_to_do(data, picture):
    store = open_store(data)
    before = {sample.id: sample.current for sample in find_samples(store)}
    mine = add_sample(store, picture(501), name="mine").id
    save_revision(store, mine, RevisionContent(scribbles=b"[]"), parent=0)
    assert prelabel(store, partial(label, HalfModel())) == 1
    revision = get_revision(store, 31)
    assert (revision.tool, revision.model, revision.number) == ("prelabel", "half", 1)
    assert revision.unknown > 0
    assert get_sample(store, 31).state == State.TO_DO
    assert {sample.id: sample.current for sample in find_samples(store) if sample.id <= 30} == {
        number: current for number, current in before.items() if number <= 30
    }
    assert view(open_store(data), 31, 1, "Trimap")[0, 32, 0] == UNKNOWN
    assert prelabel(store, partial(label, HalfModel())) == 0
    assert [sample.id for sample in find_samples(store, Filter(states=[State.TO_DO]))] == [31]


@pytest.mark.parametrize("ended", ["by itself", "by a person", "by an error"])
def test_prelabelling_tells_how_far_it_is_and_how_it_ended(data, picture, monkeypatch, ended):
    store = open_store(data)
    for number in range(600, 603):
        add_sample(store, picture(number), name="more")
    labelling, heard = Prelabelling(), []
    assert labelling.words == ""

    class Watched(HalfModel):
        def estimate(self, image, trimap):
            heard.append(labelling.words)
            if len(heard) == 3:
                if ended == "by a person":
                    labelling.stop()
                if ended == "by an error":
                    raise ValueError("too dark")
            return super().estimate(image, trimap)

    monkeypatch.setattr(whole_picture, "load_listed", lambda name: Watched())
    labelling.start(store, "half")
    wait_until(lambda: not labelling.is_running, seconds=30)
    assert [words.partition(",")[0] for words in heard[:3]] == [f"Labelling: {done} of 4" for done in range(3)]
    assert heard[2].endswith(" left") and ("a second" in heard[2] or "a minute" in heard[2])
    assert (
        labelling.words
        == {
            "by itself": "Done: 4 labelled, every sample to do has an alpha.",
            "by a person": "Stopped: 3 labelled.",
            "by an error": "⚠️ too dark; 2 labelled before that.",
        }[ended]
    )


@pytest.mark.browser
def test_the_tab_in_a_browser(data, chromium, tmp_path, picture):
    store = open_store(data)
    assign(store, [3], "Ann")
    set_provenance(store, [4], Provenance(licence="CC0-1.0", consent="by word"))
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        for number in (700, 701):
            archive.writestr(f"shoot/photo {number}.png", encode_image(picture(number), ".png"))
    with browser.running_app(Path(data)) as address:
        page = chromium.new_context(viewport={"width": 1360, "height": 900}).new_page()
        failures = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        page.get_by_role("tab", name="Dataset").click()
        page.get_by_text("31 samples").first.wait_for()

        page.locator("#dataset-pictures button.thumbnail-item").nth(2).click()
        page.locator(".dataset-name", has_text=re.compile("^3 · ")).wait_for()
        assert is_in_sight(page, "#sample-approve")
        page.set_viewport_size({"width": 1360, "height": 500})  # lower than the panel
        wait_until(
            lambda: is_in_sight_if_scrolled_to(page, "#sample-delete"), seconds=20
        )  # the pictures may still come
        assert page.locator("#sample").evaluate("one => one.scrollLeft === 0")
        page.set_viewport_size({"width": 1360, "height": 900})
        assert page.locator(".any-of input").evaluate_all("fields => fields.map(one => one.placeholder)") == ["any"] * 2
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator("#dataset-pictures button.thumbnail-item").nth(20).click()
        wait_until(lambda: is_in_sight(page, "#sample-approve"), seconds=20)
        page.set_viewport_size({"width": 1360, "height": 900})
        page.locator("#dataset-pictures button.thumbnail-item").nth(2).click()
        page.locator(".dataset-name", has_text=re.compile("^3 · ")).wait_for()
        page.keyboard.press("a")
        page.get_by_text("2 approved").wait_for()
        page.locator(".dataset-name", has_text=re.compile("^4 · ")).wait_for()  # approving moves on
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_text("30 samples").first.wait_for()
        page.get_by_role("button", name="Undo delete of 4").click()
        page.get_by_text("31 samples").first.wait_for()

        origin = page.locator("#provenance")
        origin.locator("button.label-wrap").click()
        consent = origin.get_by_label("Consent")
        wait_until(lambda: consent.input_value() == "by word", seconds=30)
        consent.fill("withdrawn")
        origin.get_by_role("button", name="Keep").click()
        page.locator(".dataset-facts", has_text="withdrawn").wait_for()
        page.locator(".dataset-name").click()  # a key pressed in a field is typed, not obeyed

        page.keyboard.press("c")
        page.get_by_role("button", name="Save to the dataset").wait_for()
        page.get_by_role("tab", name="Dataset").click()

        search = page.get_by_label("Search")
        search.fill("a")  # typing "a" must not approve the sample on screen
        search.fill("alone")
        page.get_by_text("Page 1 of 1 · 1 sample").wait_for()
        assert count_states(store)[State.APPROVED] == 2

        page.locator("button.label-wrap", has_text="Bring photos in").click()
        page.locator("input[type=file][accept*='.zip']").set_input_files(tmp_path / "more.zip")
        page.locator(".file-preview").wait_for()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("33 samples").first.wait_for()

        page.locator("button.label-wrap", has_text="Export").click()
        page.get_by_label("Cut-outs (RGBA PNG)").check()
        page.get_by_text("For designers and compositing").wait_for()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Export as a zip").click()
        page.get_by_text(re.compile("30 samples in")).wait_for()
        page.get_by_role("button", name=re.compile(r"Download rgba\.zip")).wait_for()  # once more
        waiting.value.save_as(tmp_path / "rgba.zip")
        page.close()
    assert not failures
    assert get_sample(store, 4).consent == "withdrawn"
    exported = Path(data) / "exports" / "rgba"
    assert len(list(exported.rglob("*.png"))) == 30
    with zipfile.ZipFile(tmp_path / "rgba.zip") as archive:
        assert {name: archive.read(f"rgba/{name}") for name in contents(exported)} == contents(exported)
    assert len(list_revisions(store, 4)) == 1


def is_in_sight_if_scrolled_to(page, selector):
    page.locator(selector).scroll_into_view_if_needed()
    return is_in_sight(page, selector)


def is_in_sight(page, selector):
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    return 0 <= box["y"] <= size["height"] - box["height"] and 0 <= box["x"] <= size["width"] - box["width"]


SLOW = """
import sys
import time
from functools import partial
from pathlib import Path
from annotation.studio import Studio
from annotation.ui import page
from annotation.ui.dataset import tab
listed, described, asked = tab.page_of, tab.describe, []
def slow_list(store, query, number):
    time.sleep(0 if query.text else 3)
    return listed(store, query, number)
def slow_second_look(store, number):
    time.sleep(3 if number in asked else 0)
    asked.append(number)
    return described(store, number)
tab.page_of, tab.describe = slow_list, slow_second_look
page.serve(Studio.open(Path(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]))
"""
"""The app, as on a busy server where now and then a question takes longer than the next one."""


@pytest.fixture
def slow_page(data, chromium):
    """The Dataset tab of such an app."""
    port = browser.free_port()
    with subprocess.Popen([sys.executable, "-c", SLOW, str(port), data], cwd=browser.ROOT) as process:
        try:
            browser.wait_for_page(f"http://127.0.0.1:{port}", process)
            page = chromium.new_page()
            page.goto(f"http://127.0.0.1:{port}")
            page.get_by_role("tab", name="Dataset").click()
            page.get_by_text("31 samples").first.wait_for()
            page.wait_for_timeout(4000)
            yield page
            page.close()
        finally:
            process.terminate()


@pytest.mark.browser
def test_a_slow_list_does_not_replace_a_newer_one(slow_page):
    """That of the tab's return, and that of the search typed right after it."""
    for tab in ("Correct", "Dataset"):
        slow_page.get_by_role("tab", name=tab).click()
    slow_page.get_by_label("Search").fill("alone")
    slow_page.get_by_text("Page 1 of 1 · 1 sample").wait_for()
    slow_page.wait_for_timeout(4000)
    assert slow_page.get_by_text("Page 1 of 1 · 1 sample").is_visible()


@pytest.mark.browser
def test_a_slow_look_does_not_replace_a_newer_one(slow_page):
    """The panel shows the sample that its buttons act on: an approved one's answer comes after the next one's."""
    slow_page.locator("#dataset-pictures button.thumbnail-item").nth(2).click()
    slow_page.locator(".dataset-name", has_text=re.compile("^3 · ")).wait_for()
    slow_page.keyboard.press("a")
    slow_page.wait_for_timeout(1000)  # the next is 4
    slow_page.keyboard.press("ArrowRight")
    slow_page.locator(".dataset-name", has_text=re.compile("^5 · ")).wait_for()
    slow_page.wait_for_timeout(4000)
    assert slow_page.locator(".dataset-name", has_text=re.compile("^5 · ")).is_visible()


@pytest.mark.browser
def test_what_came_in_meanwhile_is_there_when_the_tab_is_shown(tmp_path, chromium, picture):
    with browser.running_app(tmp_path) as address:
        page = chromium.new_page()
        page.goto(address)
        page.get_by_role("tab", name="Dataset").click()
        page.get_by_text("No samples yet").wait_for()
        store = open_store(tmp_path)
        fill(store, picture, 2)
        for tab in ("Correct", "Dataset"):
            page.get_by_role("tab", name=tab).click()
        page.get_by_text("Page 1 of 1 · 2 samples").wait_for()

        page.locator("#dataset-pictures button.thumbnail-item").first.click()
        page.locator(".dataset-facts", has_text="r1").wait_for()
        save_revision(store, 1, work_of(9, (32, 40)), parent=1)
        for tab in ("Correct", "Dataset"):
            page.get_by_role("tab", name=tab).click()
        page.locator(".dataset-facts", has_text="r2").wait_for()

        page.locator("button.label-wrap", has_text="Bring photos in").click()
        content = {"name": "new.png", "mimeType": "image/png", "buffer": encode_image(picture(700), ".png")}
        page.locator("input[type=file][accept*='.zip']").set_input_files(content)
        page.locator(".file-preview").wait_for()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("Page 1 of 1 · 3 samples").wait_for()

        last = page.locator("#dataset-pictures img").nth(2)
        bare = last.get_attribute("src")
        page.locator("button.label-wrap", has_text="Label automatically").click()
        page.get_by_text("1 sample without an alpha.").wait_for()
        page.get_by_role("button", name="Start", exact=True).locator("visible=true").click()
        page.get_by_text("Done: 1 labelled").wait_for(timeout=60_000)
        wait_until(lambda: last.get_attribute("src") != bare, seconds=20)  # it shows its alpha now
        page.get_by_role("link", name="Show what is to do").click()
        page.get_by_text("Page 1 of 1 · 1 sample", exact=True).wait_for()
        page.close()


def test_a_model_to_label_with_shows_what_is_fetched_for_it(tmp_path):
    with gr.Blocks() as page:
        import_and_export._build_prelabel(open_store(tmp_path), gr.HTML())
    (dropdown,) = [block for block in page.blocks.values() if isinstance(block, gr.Dropdown)]
    shown = {name: title for title, name in dropdown.choices}
    assert "176 MB, Apache-2.0" in shown["u2net"]
    assert "15 MB, GPL-3.0" in shown["rvm"]
    assert "MB" not in shown["auto"]
