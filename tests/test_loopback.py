import urllib.error

import pytest

from parallax import loopback
from tests.e2e.browser import free_port
from tests.provider import Provider


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Provider() as nearby, Provider() as proxy:
        monkeypatch.setenv(variable, f"http://{loopback.HOST}:{proxy.port}")
        with loopback.get(f"{nearby.base}/models", 5.0, {"Authorization": "Bearer token"}) as answer:
            assert answer.status == 200
        assert [request.headers["authorization"] for request in nearby.requests] == ["Bearer token"]
        assert not proxy.requests


def test_where_nobody_listens() -> None:
    port = free_port()
    assert not loopback.is_held(port)
    with pytest.raises(urllib.error.URLError):
        loopback.get(f"http://{loopback.HOST}:{port}/", 1.0)


def test_where_somebody_listens() -> None:
    with Provider() as nearby:
        assert loopback.is_held(nearby.port)
