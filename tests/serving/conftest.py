"""A server of tiny models."""

import pytest

from tests.serving import tiny_models


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory):
    """Folder with one version of each tiny model. Not to be changed."""
    base = tmp_path_factory.mktemp("models")
    tiny_models.write_all(base)
    return base


@pytest.fixture(scope="session")
def server(tiny_base):
    """A server of them with a small limit on bodies. Not to be stopped."""
    from rnnzoo.serving import Server, ServerSettings

    settings = ServerSettings(rest_port=0, grpc_port=0, max_body=2**20)
    with Server(tiny_base, settings) as running:
        yield running


@pytest.fixture(scope="session")
def url(server):
    return f"http://127.0.0.1:{server.rest_port}"
