"""This computer is asked directly, whatever proxy the environment names; judged by what two HTTP clients then do."""

import urllib.request

import httpx
import pytest

from matting.environment.proxies import ask_directly


@pytest.mark.parametrize("before", [{}, {"NO_PROXY": "intranet"}, {"no_proxy": "intranet", "NO_PROXY": "other"}])
def test_this_computer_is_asked_directly_and_others_by_the_proxy(monkeypatch, before):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    for name, value in ({"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"} | before).items():
        monkeypatch.setenv(name, value)
    ask_directly("192.168.7.7")
    direct = ["localhost", "127.0.0.1", "192.168.7.7", *(["intranet"] if before else [])]
    assert all(urllib.request.proxy_bypass_environment(host) for host in direct)
    assert not urllib.request.proxy_bypass_environment("example.org")
    client = httpx.Client()
    through = [client._transport_for_url(httpx.URL(f"http://{host}/")) is client._transport for host in direct]
    assert all(through) and client._transport_for_url(httpx.URL("http://[::1]/")) is client._transport
    assert client._transport_for_url(httpx.URL("http://example.org/")) is not client._transport
