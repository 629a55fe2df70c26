"""A variable that names certificates which are not there is ignored; judged by whether an HTTP client can be made."""

import os

import httpx
import pytest

from matting.environment.certificates import forget_missing


@pytest.fixture(autouse=True)
def none_named(monkeypatch):
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_a_file_that_is_not_there_is_ignored_and_named(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(FileNotFoundError):
        httpx.Client()
    forget_missing()
    httpx.Client().close()
    assert f"SSL_CERT_FILE names {tmp_path / 'none.pem'}" in caplog.text


def test_what_is_there_stays(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    forget_missing()
    assert os.environ["SSL_CERT_DIR"] == str(tmp_path)
