"""What the starting weights know: subjects of photographs are rehearsed; what is forgotten about others is measured."""

import numpy as np
import pytest
import torch

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, to_float
from matting.composite import composite
from matting.training import sources
from matting.training.checkpoint import export_weights
from matting.training.crops.cut_outs import ALPHAS, LEARNED, MEASURED, cut_out_of, photograph
from matting.training.crops.scene_parts import SceneParts
from matting.training.labels.faults import faults_of
from matting.training.results.judging import Judged, Mixtures
from matting.training.synthetic import installed_photographs, synthesise
from tests.matting.training.tiny import SMALL, TINY, Tiny


def test_each_alpha_is_its_photograph_s_and_what_is_measured_is_never_learned():
    assert sorted(path.stem for path in ALPHAS.iterdir()) == sorted((*LEARNED, *MEASURED))
    for name in (*LEARNED, *MEASURED):
        photo, subject = photograph(name), cut_out_of(name)
        assert not faults_of(subject.alpha, photo), name
        assert (subject.foreground == photo)[subject.alpha == 1].all()
    generator = [photo.tobytes() for photo in installed_photographs()]
    assert not any(photograph(name).tobytes() in generator for name in MEASURED)


def test_what_is_forgotten_about_photographs_shows(tmp_path, monkeypatch):
    """Weights that call everything foreground lose there, the same weights lose nothing."""
    monkeypatch.setattr(sources, "MIN_PICTURES", 4)
    torch.manual_seed(3)
    network, worse = Tiny(), Tiny()
    export_weights(tmp_path / "start.safetensors", network.state_dict(), card={})
    worse.load_state_dict(network.state_dict())
    worse.last.bias.data += 20
    known = sources.rehearsal(TINY, SMALL, [photograph("coins")], size=64, start=tmp_path / "start.safetensors")
    judges = (
        Judged(Mixtures(network.state_dict(), after.state_dict(), TINY), known.photographs)
        for after in (network, worse)
    )
    same, lost = (judge.change(1.0) for judge in judges)
    missed = [(1 - one.alpha)[one.trimap == UNKNOWN].sum() / 1000 for one in known.photographs]
    assert same.after == same.before == lost.before
    assert lost.after == pytest.approx(np.mean(missed), rel=0.01)


def test_without_a_start_there_is_nothing_to_forget():
    known = sources.rehearsal(TINY, SMALL, [], size=64, start=None)
    assert not known.generated and not known.photographs


def test_a_part_of_a_scene_is_the_same_part_of_each_of_its_planes():
    source = SceneParts([photograph("coins")], size=64, seed=3)
    for crop in map(source, range(8)):
        assert crop.image.shape == (64, 64, 3) and crop.unknown > 0
        assert (crop.alpha[crop.trimap == FOREGROUND] > 0.99).all()
        assert (crop.alpha[crop.trimap == BACKGROUND] < 0.01).all()
        seen, composed = to_float(crop.image), composite(crop.foreground, crop.alpha, crop.background)
        assert np.abs(seen - composed).mean() < 0.5 * np.abs(seen - composed[:, ::-1]).mean()


@pytest.mark.parametrize("kind", ["solid", "slits"])
def test_a_photographic_scene_takes_its_colours_from_photographs(kind):
    """From a photograph of one colour come surfaces and backgrounds without any pattern."""
    flat = [np.full((80, 80, 3), 120, np.uint8)]

    def patterned(*, photographic):
        scenes = (synthesise(n, (64, 64), photographs=flat, kind=kind, photographic=photographic) for n in range(12))
        return sum(np.abs(np.diff(scene.background, n=2, axis=1)).max() > 0.02 for scene in scenes)

    assert patterned(photographic=True) == 0 < patterned(photographic=False)
