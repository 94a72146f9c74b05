"""What all tests share: a skipped test is a failure under CI, workers keep to lanes, `make fuzz` tries harder."""
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import lanes, scratch
from tests.effort import examples
from tests.postgres import PostgresServer

settings.register_profile("fuzz", max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for each worker, which no test may stop: those that do have their own."""
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    scratch.begin(config)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    scratch.end(failed=exitstatus != 0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked slow runs only when asked for by its mark."""
    if config.getoption("-m"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> lanes.Lanes | None:
    return lanes.make_scheduler(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    lanes.stand_back(item.nodeid)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy's result object has no stub here
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
