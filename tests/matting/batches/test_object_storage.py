"""A batch from object storage into object storage."""

import pytest
from typer.testing import CliRunner

from matting.__main__ import app
from tests.matting.batches.pictures import draw


@pytest.fixture
def bucket(s3, monkeypatch):
    """An empty bucket: (its address, its file system)."""
    pytest.importorskip("upath", reason="needs universal-pathlib")
    import s3fs

    for name, value in {"ENDPOINT_URL": s3, "ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    system = s3fs.S3FileSystem()
    system.mkdir("batch")
    yield "s3://batch", system
    system.rm("batch", recursive=True)


def test_a_batch_reads_and_writes_object_storage_as_it_does_folders(bucket, tmp_path):
    address, system = bucket
    draw(tmp_path, 3)
    system.put(f"{tmp_path}/", f"{address}/", recursive=True)

    def run(place, *more):
        photos, trimaps, out = (f"{place}/{name}" for name in ("photos", "trimaps", "alphas"))
        given = ["alpha", photos, "--trimap", trimaps, "-o", out, "--model=poisson", "--cutout", *more]
        return CliRunner().invoke(app, given)

    here, there = run(tmp_path), run(address)
    assert there.exit_code == here.exit_code == 1
    assert there.output == here.output.replace(str(tmp_path), address)
    for written in (tmp_path / "alphas").rglob("*.png"):
        assert system.cat(f"{address}/{written.relative_to(tmp_path)}") == written.read_bytes()
    assert "3 of 4 were already done" in run(address).output


@pytest.mark.parametrize(
    "place, reason", [("s3://nobodys-bucket/photos", "nobodys-bucket"), ("nonsense://a/b", "nonsense")]
)
def test_a_place_that_cannot_be_reached_is_named(place, reason, bucket, tmp_path):
    told = CliRunner().invoke(app, ["trimap", place, "-o", str(tmp_path)])
    assert told.exit_code in (1, 2)
    assert reason in told.output
    assert "Traceback" not in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)
