"""One seeded network and its checkpoint for all tests of GCA."""

import pytest
import torch

from matting.networks.published.gca import GCA
from tests.matting.networks.seeded import seed_network


@pytest.fixture(scope="session")
def network():
    """GCA as published, with seeded weights, in evaluation mode. Not to be changed."""
    return seed_network(GCA())


@pytest.fixture(scope="session")
def checkpoint(network, tmp_path_factory):
    """A file like the official one: data parallelism's names, among other things, in torch's old format."""
    path = tmp_path_factory.mktemp("weights") / "gca-dist-all-data.pth"
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save({"iter": 200_000, "state_dict": state}, path, _use_new_zipfile_serialization=False)
    return path
