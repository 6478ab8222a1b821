"""PostgreSQL restarted and connections killed under load: no acknowledged write lost, no pool slot leaked."""

import random

import pytest

from tests.faults.hammer import hammer


@pytest.mark.slow
async def test_restarts_and_killed_backends(request: pytest.FixtureRequest) -> None:
    # `make soak` does it with 50 restarts and 200 backends.
    rng = random.Random(request.config.getoption("randomly_seed", default=1))
    figures = await hammer(restarts=3, backends=30, rng=rng)
    assert figures.wrong == []
    assert (figures.restarts, figures.backends) == (3, 30)
