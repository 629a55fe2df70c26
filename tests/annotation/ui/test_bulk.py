"""Many samples at once, and that the grid and the sample beside it never disagree."""

import gradio as gr
import numpy as np
import pytest

from annotation.store import (
    State,
    add_sample,
    get_revision,
    get_sample,
    list_revisions,
    open_store,
    set_licence,
)
from annotation.ui.dataset import bulk, review
from annotation.ui.dataset.steps import PAGE_SAMPLES, Query, page_of, page_with
from tests import browser
from tests.annotation.store.samples import fill

ALL = ("", [], [], "", False)


@pytest.fixture
def store(tmp_path, picture):
    """Thirty samples, all done, and one to do without an alpha."""
    store = open_store(tmp_path)
    fill(store, picture, 30)
    add_sample(store, picture(500), name="alone")
    yield store
    store.close()


def test_all_that_the_filters_find_are_judged_at_once(store):
    selected, words = bulk.select_all(store, *ALL)
    assert len(selected) == 31 and "31 samples" in words
    selected, _ = bulk.toggled(selected, 31)
    assert 31 not in selected and bulk.toggled(selected, 31)[0][-1] == 31
    left, words = bulk.act(store, "Approve selected", selected, "Ann ", "", "")
    assert left == () and "30 samples" in words
    states = {get_sample(store, number).state for number in range(1, 31)}
    assert states == {State.APPROVED} and get_sample(store, 31).state == State.TO_DO
    assert get_sample(store, 5).reviewer == "Ann"


def test_why_samples_are_rejected_is_in_their_history(store):
    before = get_revision(store, 1)
    bulk.act(store, "Reject selected", (1, 31), "Ann", "blurred", "")
    for number in (1, 31):
        newest = list_revisions(store, number)[-1]
        assert (newest.note, newest.author, newest.tool) == ("rejected: blurred", "Ann", "review")
        assert get_sample(store, number).state == State.REJECTED
    after = get_revision(store, 1)
    assert (after.alpha, after.trimap, after.model) == (before.alpha, before.trimap, before.model)


def test_licences_are_set_at_once_and_only_where_there_is_none(store):
    for number in range(1, 32):
        set_licence(store, [number], "" if number > 21 else "CC0-1.0")
    assert bulk.unlicensed_line(store).startswith("**10 samples** have no licence")
    with pytest.raises(gr.Error, match="SPDX"):
        bulk.license_rest(store, "my own")
    with pytest.raises(gr.Error, match="Choose the licence"):
        bulk.license_rest(store, "")
    assert "10 samples" in bulk.license_rest(store, "CC-BY-4.0")
    assert bulk.unlicensed_line(store) == ""
    assert [get_sample(store, number).licence for number in (21, 22)] == ["CC0-1.0", "CC-BY-4.0"]


def test_tags_are_given_and_taken_away_at_once(store):
    bulk.act(store, "Add the tags", (1, 2, 31), "", "", "", "Glass, wet")
    empty, words = bulk.act(store, "Remove the tags", (1, 2), "", "", "", "hair wet")
    assert (empty, words) == ((), "2 samples without these tags.")
    assert [get_sample(store, number).tags for number in (1, 2, 31)] == ["glass 猫", "glass 猫", "glass wet"]
    assert bulk.select_all(store, "tag:glass", [], [], "", False)[0] == (1, 2, 31)
    with pytest.raises(gr.Error, match="Write the tags first"):
        bulk.act(store, "Add the tags", (1,), "", "", "", " , ")


def test_what_has_no_alpha_is_not_approved(store):
    """No export would hold it, and the counts would call it finished."""
    for state in (State.DONE, State.APPROVED):
        with pytest.raises(gr.Error, match="Sample 31 has no alpha yet: correct by hand"):
            review.judge(state, store, 31, "Ann")
    with pytest.raises(gr.Error, match="no alpha yet"):
        review.approve(store, 31, "Ann", *ALL)
    assert bulk.act(store, "Approve selected", (30, 31), "", "", "")[1].endswith("1 without an alpha: left as before.")
    assert [get_sample(store, number).state for number in (30, 31)] == [State.APPROVED, State.TO_DO]


def test_nothing_is_done_to_nothing(store):
    with pytest.raises(gr.Error, match="Select samples first"):
        bulk.act(store, "Approve selected", (), "", "", "")


def test_a_sample_is_on_the_page_that_holds_it(store):
    for number in (1, PAGE_SAMPLES, PAGE_SAMPLES + 1, 31):
        assert number in page_of(store, Query(), page_with(store, Query(), number)).samples


def test_thumbnails_show_alpha_and_state(store):
    pictures = page_of(store, Query(), 2).pictures
    (done, caption), (bare, other) = pictures[-2], pictures[-1]
    assert caption.endswith(" · done") and other.endswith(" · to do")
    assert not np.array_equal(done[-1], bare[-1])  # the bars below
    assert np.ptp(bare[-1].astype(int), axis=0).max() == 0


@pytest.mark.browser
def test_keys_frame_and_sample_go_together_and_ten_are_approved(chromium, store, tmp_path):
    with browser.running_app(tmp_path) as address:
        page = chromium.new_page(viewport={"width": 1360, "height": 900})
        page.goto(f"{address}/#dataset")
        pictures = page.locator("#dataset-pictures .thumbnail-item")
        pictures.nth(30 if PAGE_SAMPLES > 30 else PAGE_SAMPLES - 1).wait_for()
        wide = page.locator("#dataset-pictures").bounding_box()["width"]
        assert wide > 1000  # nothing is open beside it

        def shown():
            name = page.locator(".dataset-name").inner_text().partition(" ·")[0]
            framed = page.locator("#dataset-pictures .thumbnail-item.selected")
            return name, framed.inner_text().partition(" ·")[0].strip() if framed.count() == 1 else ""

        pictures.nth(2).click()
        browser.wait_until(lambda: shown() == ("3", "3"), seconds=20)
        pictures.nth(2).focus()  # where the gallery has keys of its own
        for keys, number in ((["ArrowRight"] * 3, "6"), (["ArrowLeft"] * 2, "4")):  # none waits for an answer
            for key in keys:
                page.keyboard.press(key)
            browser.wait_until(lambda number=number: shown() == (number, number), seconds=20)
        page.keyboard.press("a")  # approved, and on to the next
        browser.wait_until(lambda: shown() == ("5", "5"), seconds=20)
        assert get_sample(store, 4).state == State.APPROVED and get_sample(store, 5).state == State.DONE
        page.locator("#sample-approve").dblclick()  # the next one has not been looked at
        browser.wait_until(lambda: shown() == ("6", "6"), seconds=20)
        for picture in (0, 9, 5):
            pictures.nth(picture).click()
        browser.wait_until(lambda: shown() == ("6", "6"), seconds=20)
        assert get_sample(store, 5).state == State.APPROVED and get_sample(store, 6).state == State.DONE

        page.locator("button.label-wrap", has_text="Numbers").click()
        page.locator(".numbers-figures", has_text="28 done, 2 approved").wait_for()

        page.get_by_label("Select several").check()
        for number in range(10):
            pictures.nth(number + 4).click()  # and on, whether or not it is answered
        pressed = page.get_by_role("button", pressed=True)
        browser.wait_until(lambda: pressed.count() == 10, seconds=20)
        assert [one.inner_text().split()[1] for one in pressed.all()] == [str(number) for number in range(5, 15)]
        page.get_by_role("button", name="Approve selected").click()
        page.get_by_text("10 samples approved.").wait_for()
        browser.wait_until(lambda: pressed.count() == 0, seconds=20)
        assert {get_sample(store, number).state for number in range(5, 15)} == {State.APPROVED}
        page.locator(".dataset-name", has_text="approved").wait_for()  # 6 was selected, too, and is still shown
        page.locator(".numbers-figures", has_text="19 done, 11 approved").wait_for()
        page.close()
