"""schemathesis asks the JSON API whatever its own description allows, and much that it does not: no 500, nothing undescribed."""
import asyncio
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from admin.api.offers import OFFERS
from admin.api.recordings import ROUTES
from admin.api.seconds import CONFIRM_PATH
from tests.effort import examples
from tests.unit.admin.counter import open_counter

LEFT_OUT = [positive_data_acceptance, unsupported_method]
"""A prison number has a form that no schema tells; and what another method gets is in test_api."""


@pytest.mark.hypothesis
def test_every_answer_is_as_described(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_counter(tmp_path)
        counter = runner.run(opened.__aenter__())
        key = runner.run(counter.key(holder="officer"))
        runner.run(counter.office.receive())
        schema = schemathesis.openapi.from_asgi("/api/openapi.json", counter.app)
        asked = set()
        for found in schema.get_all_operations():
            operation = found.ok()

            @settings(max_examples=examples(5), deadline=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy())
            def ask(case: schemathesis.Case) -> None:
                case.call_and_validate(headers={"Authorization": f"Bearer {key}", "X-Staff": "officer"},
                                       excluded_checks=LEFT_OUT)

            ask()
            asked.add(operation.path)
        assert asked == {offer.path for offer in OFFERS} | {CONFIRM_PATH} | {route.path for route in ROUTES.values()}
        runner.run(opened.__aexit__(None, None, None))
