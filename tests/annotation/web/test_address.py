"""The address names the tab and what is open in it: reload, Back and a shared link come back to it."""

from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import numpy as np
import pytest

from annotation.store import open_store
from annotation.ui.cut_out.job import EDGES, GoneError, Job
from annotation.ui.dataset.place import Place
from annotation.ui.dataset.steps import Query
from annotation.ui.temporary_files import scratch_home
from annotation.web.address import wish_of
from tests import browser
from tests.annotation.store.samples import fill


def test_a_copy_of_a_job_shares_nothing_that_either_changes():
    job = Job.begin("photo", np.zeros((8, 9, 3), np.uint8), "a note")
    job.keep("alpha", np.zeros((8, 9), np.float32))
    job.give_reason("one")
    copy = Job.again(job.name)
    assert (copy.stem, copy.note, copy.reason) == ("photo", "a note", "one") and copy.name != job.name
    copy.keep("alpha", np.ones((8, 9), np.float32))
    copy.give_reason("two")
    assert (job.alpha == 0).all() and (copy.alpha == 1).all() and job.reason == "one"
    job.want(EDGES, "others")
    assert copy.is_settled and not job.is_settled
    job.end()
    assert (copy.image == 0).all()
    copy.end()


@pytest.mark.parametrize("name", ["", "..", "../other", "0" * 32, "x" * 32, "a" * 31, "a" * 32 + "\n"])
def test_only_a_cut_out_that_is_there_opens_again(name):
    with pytest.raises(GoneError):
        Job.again(name)


def test_two_requests_of_a_page_may_say_at_once_what_is_wanted():
    job = Job.begin("photo", np.zeros((8, 8, 3), np.uint8))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: job.want(EDGES, f"{number}"), range(400)))
        list(pool.map(lambda _: job.keep("alpha", np.zeros((8, 8), np.float32)), range(100)))
    assert job.wanted(EDGES) in map(str, range(400)) and not list(job.folder.glob("*.part"))
    job.end()


def test_of_the_jobs_left_behind_some_are_kept():
    before = set(scratch_home().glob("*"))  # of other tests in this process
    jobs = [Job.begin(f"{number}", np.zeros((8, 8, 3), np.uint8)) for number in range(20)]
    for job in jobs:
        job.keep("alpha", np.zeros((8, 8), np.float32))
        job.leave()
    there = [job for job in jobs if job.folder.exists()]
    assert 1 < len(there) < 12 and jobs[-1] in there
    for job in there:
        job.end()
    Job.begin("without a result", np.zeros((8, 8, 3), np.uint8)).leave()
    assert not [folder for folder in set(scratch_home().glob("*")) - before if (folder / "stem.txt").exists()]


@pytest.mark.parametrize("said", [None, "x", {}, {"what": 3, "turn": "1"}, {"turn": True}, ["what"]])
def test_what_a_browser_makes_up_is_a_wish_for_nothing(said):
    assert wish_of(gr.EventData(None, said)).what == ""


@pytest.mark.parametrize(
    "place",
    [
        Place(),
        Place(12),
        Place(0, Query(), 2),
        Place(12, Query("tag:hair & größer/kleiner?", ("to do", "approved"), ("test",), "Ann #1", True), 3),
    ],
)
def test_an_address_says_what_the_dataset_shows(place):
    assert Place.read(place.text) == place and place.text.isascii() and "#" not in place.text


@pytest.mark.parametrize("text", ["x", "-1", "²", "9" * 30, "?page=x", "?state=gone&split=all", "?page=-2", "%00?&=&&"])
def test_what_an_address_does_not_mean_is_left_out(text):
    assert Place.read(text) == Place()


@pytest.mark.browser
def test_reload_back_and_a_shared_link_come_back(chromium, tmp_path, picture):
    store = open_store(tmp_path)
    fill(store, picture, 3)
    store.close()

    def is_at(page, pattern):
        page.wait_for_function("pattern => RegExp(pattern).test(location.href)", arg=pattern, timeout=30_000)

    with browser.running_app(tmp_path) as address:
        context = chromium.new_context(viewport={"width": 1360, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.locator(".gallery-item").first.click()
        is_at(page, r"#cut-out/[0-9a-f]{32}$")
        cut_out = page.evaluate("location.href")
        page.locator(".gallery-item").nth(2).click()
        is_at(page, f"#cut-out/(?!{cut_out[-32:]})[0-9a-f]+$")
        page.get_by_role("tab", name="Dataset", exact=True).click()
        is_at(page, "#dataset$")
        page.locator("#dataset-pictures .thumbnail-item").nth(1).click()
        is_at(page, "#dataset/2$")

        page.reload()  # the sample is open again
        page.locator(".dataset-name", has_text="2 ·").wait_for(timeout=30_000)
        is_at(page, "#dataset/2$")
        search = page.get_by_label("Search").first
        search.press_sequentially("dots")
        is_at(page, r"#dataset/2\?text=dots&page=1$")
        page.locator("#dataset-pictures .thumbnail-item").nth(1).wait_for(state="hidden")
        page.locator("#dataset-pictures .thumbnail-item").click()
        is_at(page, r"#dataset/3\?text=dots$")
        page.evaluate("history.back(); setTimeout(() => history.back(), 20)")  # nobody waits for the first answer
        page.locator("#dataset-pictures .thumbnail-item").nth(2).wait_for(timeout=30_000)
        page.locator(".dataset-name", has_text="2 ·").wait_for()
        assert search.input_value() == "" and page.evaluate("location.hash") == "#dataset/2"
        page.go_forward()
        page.locator("#dataset-pictures .thumbnail-item").nth(1).wait_for(state="hidden", timeout=30_000)
        assert search.input_value() == "dots"
        page.go_back()
        page.locator("#dataset-pictures .thumbnail-item").nth(1).wait_for(timeout=30_000)
        page.go_back()  # before a sample was chosen
        page.locator("#sample").wait_for(state="hidden", timeout=30_000)
        page.go_forward()
        page.locator(".dataset-name", has_text="2 ·").wait_for(timeout=30_000)

        page.goto(cut_out)  # a cut-out that another photo has replaced, after a reload: the session is another
        page.locator("#what-took-part", has_text="512 × 512").wait_for(timeout=30_000)
        page.locator("#download:enabled").wait_for()
        page.go_back()
        page.locator(".dataset-name", has_text="2 ·").wait_for(timeout=30_000)

        other = chromium.new_context().new_page()  # somebody who was sent the links
        other.goto(cut_out)
        other.locator("#what-took-part", has_text="512 × 512").wait_for(timeout=30_000)
        with other.expect_download(timeout=30_000) as waiting:
            other.locator("#download").click()
        assert waiting.value.suggested_filename == "astronaut_cutout.png"
        other.goto(f"{address}/#cut-out/{'0' * 32}")
        other.get_by_text("no longer open here").first.wait_for()

        page.get_by_role("tab", name="Cut out", exact=True).click()
        page.get_by_role("button", name="Correct by hand").click()
        page.locator(".trimap-editor[data-state=open]").wait_for(timeout=30_000)
        is_at(page, "#correct/.+")
        page.reload()
        page.locator(".trimap-editor[data-state=open]").wait_for(timeout=30_000)
        page.get_by_role("button", name="Back to your photos").click()
        is_at(page, "#correct$")
        page.go_back()
        page.locator(".trimap-editor[data-state=open]").wait_for(timeout=30_000)
        page.go_back()  # where it was opened from, not a list that was never seen
        is_at(page, "#cut-out/[0-9a-f]{32}$")
        context.close()
