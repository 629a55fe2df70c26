import psutil
import pytest

from matting.environment import memory
from matting.environment.memory import free_gb, memory_gb


def test_it_is_what_psutil_says(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    assert free_gb() == pytest.approx((psutil.virtual_memory().available + psutil.swap_memory().free) / 1e9, rel=0.1)
    assert memory_gb() == pytest.approx(psutil.virtual_memory().total / 1e9, rel=0.01)


@pytest.mark.parametrize(("used", "cached", "free"), [(1_500_000_000, 0, 0.5), (1_900_000_000, 400_000_000, 0.5),
                                                      (2_100_000_000, 0, 0)])  # fmt: skip
def test_a_containers_limit_counts(monkeypatch, tmp_path, used, cached, free):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    (tmp_path / "memory.max").write_text("2000000000\n")
    (tmp_path / "memory.current").write_text(f"{used}\n")
    (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\nslab 2\n")
    assert free_gb() == pytest.approx(free) and memory_gb() == 2
    (tmp_path / "memory.max").write_text("max\n")
    assert free_gb() > 0.5


def test_where_nothing_is_told_nothing_is_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    monkeypatch.setattr(memory, "MACHINE", tmp_path / "none")
    assert free_gb() == float("inf")
