"""The whole way: pictures corrected and saved in the store, exported, trained on and measured with."""

from dataclasses import replace

import numpy as np
from typer.testing import CliRunner

from annotation.layouts.base import Options
from annotation.store import (
    RevisionContent,
    Split,
    State,
    add_sample,
    find_samples,
    open_store,
    save_revision,
    set_state,
)
from annotation.transfer.exporting import export
from matting.__main__ import app
from matting.arrays import to_uint8
from matting.files import write_image
from matting.training.crops.pairs import find_pairs
from matting.training.sources import open_sources
from matting.training.synthetic import synthesise
from matting.training.trimaps import random_trimap
from tests.matting.training.tiny import SMALL, TINY, train


def test_from_store_to_weights(tmp_path):
    store = open_store(tmp_path / "data")
    scenes = [synthesise(seed, (70 + seed, 90), kind="solid") for seed in range(12)]
    for number, scene in enumerate(scenes):
        sample = add_sample(store, to_uint8(scene.composite()), name=f"dog {number}.v2")
        trimap = random_trimap(scene.alpha, np.random.default_rng(number), reach=(1, 2))
        content = RevisionContent(trimap=trimap, alpha=scene.alpha, foreground=scene.foreground)
        save_revision(store, sample.id, content, parent=0)
        set_state(store, [sample.id], State.DONE)
    write_image(tmp_path / "grounds" / "wall.png", to_uint8(scenes[0].background))
    export(store, tmp_path / "out", layout="gca", options=Options(backgrounds=tmp_path / "grounds"))

    data = find_pairs(tmp_path / "out")
    splits = [sample.split for sample in find_samples(store, limit=100)]
    assert len(data.pairs) == splits.count(Split.TRAIN) > 0
    assert len(data.test) == splits.count(Split.TEST) > 0 and len(data.backgrounds) > 0
    assert len(data.validation) == splits.count(Split.VALIDATION)
    true = {scene.alpha.shape: scene for scene in scenes}
    for pair in data.pairs:
        foreground, alpha = pair.read()
        scene = true[alpha.shape]
        assert np.abs(alpha - scene.alpha).max() <= 0.5 / 255 + 1e-6
        visible = scene.alpha > 0.5
        assert np.abs(foreground[visible] / 255 - scene.foreground[visible]).max() <= 0.5 / 255 + 1e-6

    judged = CliRunner().invoke(app, ["bench", str(tmp_path / "out" / "test"), "--models", "shared"])
    assert judged.exit_code == 0 and f"mean of {len(data.test)} images" in judged.output

    settings = replace(SMALL, steps=2)
    sources = open_sources(tmp_path / "out", TINY, settings, synthetic=0, cached=1, cache=tmp_path / "crops")
    states = train(tmp_path / "run", settings, crops=sources.crops, held_out=sources.validation)
    assert states[-1].step == 2 and states[-1].score is not None
