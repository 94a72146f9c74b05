"""One running site for all the calls of a worker; its drain at the end is a test too."""
from collections.abc import Iterator

import pytest

from tests.phones.site import Ports, Site


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An example site that runs. Tests of a worker come one after another, so each has the trunk to itself."""
    site = Site(tmp_path_factory.mktemp("site") / "wick-hill", Ports()).up()
    try:
        yield site
    finally:
        site.drain()
