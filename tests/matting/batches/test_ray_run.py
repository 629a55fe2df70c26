"""A batch on a Ray cluster of two machines, one of which is lost."""

import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest
import typer
from typer.testing import CliRunner

from matting.__main__ import app
from matting.batches import ray_run, running
from matting.batches.alphas import Alphas, Results
from matting.batches.given import Given
from tests.matting.batches.pictures import draw

MACHINES = 2
PHOTOS = 24
DONE_BEFORE = 3
PATIENCE = 120
SECONDS_EACH = 0.1
"""So that the machine is lost while it works."""


@pytest.fixture
def cluster(monkeypatch):
    """A cluster of two machines with one core each: what Ray runs on two machines, on this one."""
    ray = pytest.importorskip("ray", reason="needs ray[data]")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    size = {"num_cpus": 1, "object_store_memory": 80_000_000}
    soon = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}  # a lost machine is missed after 2 s
    machines = Cluster(
        initialize_head=True, head_node_args={**size, "include_dashboard": False, "_system_config": soon}
    )
    monkeypatch.setenv("RAY_ADDRESS", machines.address)
    yield machines, machines.add_node(**size)
    ray.shutdown()
    machines.shutdown()


@dataclass(frozen=True)
class Noted:
    """As `alphas`, but it notes what it writes and on which machine; and one picture kills the process."""

    alphas: Alphas
    log: Path

    def files(self, stem):
        return self.alphas.files(stem)

    def load(self):
        import ray

        process, machine = self.alphas.load(), ray.get_runtime_context().get_node_id()
        (self.log.parent / f"{machine}.here").touch()

        def noted(path):
            while len(list(self.log.parent.glob("*.here"))) < MACHINES:
                sleep(0.05)
            if path.stem == "deadly":
                os.kill(os.getpid(), signal.SIGKILL)
            sleep(SECONDS_EACH)
            process(path)
            with self.log.open("a") as log:
                log.write(f"{path.stem} {machine}\n")

        return noted


def lines(log):
    """(photo, machine) of each line of the log that is whole."""
    return [tuple(line.split()) for line in log.splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.slow
def test_each_picture_is_done_once_though_one_machine_is_lost(cluster, tmp_path, capsys):
    machines, other = cluster
    draw(tmp_path, PHOTOS)
    (tmp_path / "photos" / "deadly.png").write_bytes(b"no picture")
    photos, trimaps, plain, on_ray = (tmp_path / name for name in ("photos", "trimaps", "plain", "ray"))
    given = ["alpha", str(photos), "--trimap", str(trimaps), "--model=poisson", "-o"]
    CliRunner().invoke(app, [*given, str(plain)])
    before = {f"{number}.png": (plain / f"{number}.png").read_bytes() for number in range(DONE_BEFORE)}
    on_ray.mkdir()
    for name, content in before.items():
        (on_ray / name).write_bytes(content)
    log, seen = tmp_path / "log", list[str]()
    log.touch()

    def lose_one():
        for _ in range(int(PATIENCE / 0.05)):
            if other.node_id in (text := log.read_text()):
                seen.append(text)
                machines.remove_node(other, allow_graceful=False)
                return
            sleep(0.05)

    loss = threading.Thread(target=lose_one)
    loss.start()
    paths = sorted(photos.iterdir())
    trimap_of = {photo: trimaps / photo.name for photo in paths}
    work = Noted(Alphas(Results(on_ray, 8, False, False, None), "poisson", given=Given(trimaps, trimap_of)), log)
    with pytest.raises(typer.Exit):
        running.run(paths, work, overwrite=False, on_ray=True)
    loss.join()

    before_loss, in_all = (lines(text) for text in (seen[0], log.read_text()))
    assert {machine for _, machine in before_loss} >= {other.node_id}
    survivors = Counter(stem for stem, machine in in_all[len(before_loss) :] if machine != other.node_id)
    assert survivors
    assert set(survivors.values()) == {1}
    assert not {stem for stem, _ in before_loss} & set(survivors)
    assert {file.name: file.read_bytes() for file in on_ray.glob("*.png")} == {
        file.name: file.read_bytes() for file in plain.glob("*.png")
    }
    assert len(list(plain.glob("*.png"))) == PHOTOS
    told = capsys.readouterr().err
    assert "deadly.png: the process that works on it dies every time" in told
    assert "damaged.png is not a picture of a format" in told
    assert f"{DONE_BEFORE} of {PHOTOS + 2} were already done" in told
    assert f"2 of {PHOTOS + 2} failed" in told
    assert "Traceback" not in told


def test_without_ray_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(ray_run, "find_spec", lambda name: None)
    told = CliRunner().invoke(app, ["alpha", str(tmp_path), "-o", str(tmp_path / "out"), "--ray"])
    assert told.exit_code == 2
    assert "pip install 'ray[data]'" in told.output


class Together:
    """Each picture waits until as many are in work as a GPU is given at once."""

    def files(self, stem):
        return []

    def load(self):
        begun = threading.Barrier(ray_run.AT_ONCE_ON_A_GPU)
        return lambda path: begun.wait(PATIENCE) and None


def test_a_gpu_is_given_several_pictures_at_once(monkeypatch, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    monkeypatch.setattr(ray_run.Loaded, "_begin", lambda self, what: 1)
    actor = ray_run.Loaded(Together(), True, str(tmp_path), None, ray_run.AT_ONCE_ON_A_GPU)
    block = pyarrow.table({"path": [b"%d.png" % number for number in range(ray_run.AT_ONCE_ON_A_GPU)]})
    assert actor(block)["failure"].to_pylist() == [b""] * len(block)
