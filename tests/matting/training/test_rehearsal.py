"""What the starting weights know: subjects of photographs are rehearsed; what is forgotten about others is measured."""

import numpy as np
import pytest
import torch

from matting.arrays import UNKNOWN
from matting.training import sources
from matting.training.checkpoint import export_weights
from matting.training.crops.cut_outs import ALPHAS, LEARNED, MEASURED, cut_out_of, photograph
from matting.training.labels.faults import faults_of
from matting.training.results.judging import Judged, Mixtures
from tests.matting.training.tiny import SMALL, TINY, Tiny


def test_each_alpha_is_its_photograph_s_and_what_is_measured_is_never_learned():
    assert sorted(path.stem for path in ALPHAS.iterdir()) == sorted((*LEARNED, *MEASURED))
    for name in (*LEARNED, *MEASURED):
        photo, subject = photograph(name), cut_out_of(name)
        assert not faults_of(subject.alpha, photo), name
        assert (subject.foreground == photo)[subject.alpha == 1].all()


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
