"""What a visitor gives away: with consent, licence and date into the owner's queue, beyond the visit; never without."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import gradio as gr
import numpy as np
import pytest

from annotation.correction.contributing import CONSENT, LICENCES, Gift, contribute
from annotation.store import (
    Filter,
    State,
    add_sample,
    collect_garbage,
    delete,
    find_samples,
    get_revision,
    get_sample,
    list_revisions,
    set_state,
)
from annotation.strokes.stroke import Stroke
from annotation.transfer.exporting import export, take_snapshot
from annotation.ui.correct.contributing import KNOWN, THANKS, giver
from annotation.ui.dataset.steps import STATE_COLOURS
from annotation.visits.limits import SENTENCES, LimitError
from annotation.visits.visit import inside
from matting.files import read_alpha, read_image
from tests.annotation.editor.app import picture
from tests.annotation.visits.test_erasing import whole_of
from tests.annotation.visits.test_visitors import SECRET

GIFT = Gift("CC-BY-4.0", "Ada", person_visible=False, tags="Hair, wet", has_agreed=True)


def give(demo, client, gift=GIFT, size=(48, 64)):
    """A draft of that visitor, painted on once and given away; (the sample, the draft's image)."""
    image, alpha, trimap = picture(*size)
    workspace = demo.studio.workspace
    with inside(demo.visit_of(client)):
        draft = workspace.begin(image, trimap, name="My secret holiday", alpha=alpha)
        opened = workspace.open(draft, SECRET)
        workspace.paint(opened, Stroke("a", "brush", "foreground", 3, ((30, 20), (35, 22))), "t")
        return contribute(demo.studio.owner, opened, "shared", gift, lambda share: None), image


def test_a_gift_is_reviewed_with_its_terms_and_outlives_the_visit(demo, tmp_path):
    client = demo.visitor()
    sample, image = give(demo, client)
    assert client.post("/visit/erase").status_code == 200
    owner = demo.studio.owner
    (found,) = find_samples(owner, Filter(states=(State.OFFERED,)))
    assert found.id == sample.id
    assert (found.licence, found.author, found.person_visible, found.tags) == ("CC-BY-4.0", "Ada", False, "hair wet")
    assert found.consent == f"{datetime.now(UTC):%Y-%m-%d}: {CONSENT}"
    assert found.name == "contribution"
    assert not any(b"secret holiday" in held for held in whole_of(tmp_path).values())
    assert np.array_equal(read_image(io.BytesIO(owner.files.get(found.image))), image)
    revision = get_revision(owner, found.id, 1)
    assert (revision.tool, revision.strokes, revision.model) == ("editor", 1, "shared")
    alpha = read_alpha(io.BytesIO(owner.files.get(revision.alpha)))
    assert alpha[20, 30] == 1
    assert collect_garbage(owner, older_than=0).names == [] == collect_garbage(owner, older_than=0).names


def test_nothing_is_exported_before_the_owner_approves_it_and_then_with_its_terms(demo, tmp_path):
    sample, _ = give(demo, demo.visitor())
    owner = demo.studio.owner
    assert list(take_snapshot(owner)) == []
    set_state(owner, [sample.id], State.APPROVED)
    export(owner, tmp_path / "out")
    records = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json*"))
    assert json.dumps(CONSENT)[1:-1] in records and "CC-BY-4.0" in records


@pytest.mark.parametrize(
    "change, says",
    [
        ({"has_agreed": False}, "Tick the box"),
        ({"licence": ""}, "Choose the licence"),
        ({"licence": "CC-BY-NC-4.0"}, "Choose the licence"),
        ({"author": "  "}, "asks for a name"),
        ({"person_visible": None}, "Say whether somebody"),
    ],
)
def test_without_all_terms_nothing_is_sent(demo, change, says):
    with pytest.raises(ValueError, match=says):
        give(demo, demo.visitor(), replace(GIFT, **change))
    assert find_samples(demo.studio.owner) == []
    assert list(demo.studio.owner.files.names()) == []


def test_a_gift_never_touches_what_the_owner_has(demo):
    owner = demo.studio.owner
    image = picture(48, 64)[0]
    mine = add_sample(owner, image, name="mine")
    set_state(owner, [mine.id], State.APPROVED)
    delete(owner, [mine.id])
    files = sorted(owner.files.names())
    sample, _ = give(demo, demo.visitor())
    kept = get_sample(owner, mine.id)
    assert sample is None
    assert (kept.state, kept.name, kept.licence) == (State.APPROVED, "mine", "")
    assert kept.deleted is not None and list_revisions(owner, mine.id) == []
    assert sorted(owner.files.names()) == files


def test_contributions_are_bounded(demo):
    client = demo.visitor()
    demo.limit(client, contributions_an_hour=1)
    give(demo, client)
    with pytest.raises(LimitError, match=SENTENCES["contributions_an_hour"].format(1)):
        give(demo, client, size=(50, 64))


def test_the_button_says_what_became_of_the_sample(demo):
    client = demo.visitor()
    image, alpha, trimap = picture(48, 64)
    press = giver(demo.studio.workspace, demo.studio.owner)
    with inside(demo.visit_of(client)):
        value = {"work": demo.studio.workspace.begin(image, trimap, name="x", alpha=alpha), "secret": SECRET}
        with pytest.raises(gr.Error, match="Tick the box"):
            press(value, "shared", next(iter(LICENCES)), "", "No", "", False)
        with pytest.raises(gr.Error, match="Choose the licence"):
            press(value, "shared", None, "", None, "", True)
        assert press(value, "shared", next(iter(LICENCES)), "", "No", "", True) == THANKS
        assert press(value, "shared", next(iter(LICENCES)), "", "No", "", True) == KNOWN
    with inside(demo.visit_of(demo.visitor())), pytest.raises(gr.Error, match="another browser"):
        press(value, "shared", next(iter(LICENCES)), "", "No", "", True)
    assert len(find_samples(demo.studio.owner)) == 1


def test_every_state_has_a_colour_and_every_licence_a_name():
    assert set(STATE_COLOURS) == set(State)
    assert all(licence.startswith("CC") and words.startswith("CC") for words, licence in LICENCES.items())
