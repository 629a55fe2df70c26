"""A batch shared among several commands."""

import numpy as np
import pytest
from typer.testing import CliRunner

from matting import models
from matting.__main__ import app
from matting.files import write_image
from matting.models.base import Model


class Red(Model):
    """Stands in for a network: alpha is the red of the photo."""

    name, title = "red", "Red"

    def estimate(self, image, trimap):
        return image[..., 0] / 255


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setitem(models.MODELS, Red.name, Red)
    models.load_published.cache_clear()
    yield
    models.load_published.cache_clear()


def run(command, *photos, output, shard):
    given = [command, *map(str, photos), "-o", str(output), "--model", "red", f"--shard={shard}"]
    return CliRunner().invoke(app, given)


def draw(*paths):
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        write_image(path, np.full((8, 9, 3), 200, np.uint8))


@pytest.mark.parametrize("command", ["alpha", "trimap"])
def test_shards_do_each_picture_once_and_all_of_them(command, tmp_path):
    draw(*(tmp_path / "photos" / f"{number}.png" for number in range(7)))
    done = []
    for number in (1, 2, 3):
        result = run(command, tmp_path / "photos", output=tmp_path / str(number), shard=f"{number}/3")
        assert result.exit_code == 0, result.output
        done += [path.name for path in (tmp_path / str(number)).iterdir()]
    assert sorted(done) == [f"{number}.png" for number in range(7)]


def test_of_two_pictures_with_one_name_the_first_counts_whichever_shards_they_are_in(tmp_path):
    paths = [tmp_path / "one" / "a.png", tmp_path / "two" / "a.png"]
    draw(*paths)
    done = run("alpha", *paths, output=tmp_path / "out", shard="1/2")
    refused = run("alpha", *paths, output=tmp_path / "out", shard="2/2")
    assert (done.exit_code, refused.exit_code) == (0, 1)
    assert "rename one of them" in refused.output


def test_a_shard_without_pictures_is_done(tmp_path):
    draw(tmp_path / "photos" / "a.png")
    assert run("alpha", tmp_path / "photos", output=tmp_path / "out", shard="5/9").exit_code == 0


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/5", ""])
def test_what_is_no_shard_is_refused_in_a_sentence(shard, tmp_path):
    draw(tmp_path / "photos" / "a.png")
    result = run("alpha", tmp_path / "photos", output=tmp_path / "out", shard=shard)
    assert result.exit_code == 2
    assert "a shard is I/N" in result.output
    assert not (tmp_path / "out").exists()
