"""A short seed of the supervisor for the fleet and for the one process; `make soak` is the long one."""

from pathlib import Path

import pytest

from tests.faults.plagues import ONE_PROCESS, PROCESSES
from tests.faults.supervisor import KINDS, Plan, known_plans, supervise


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_a_short_seed(kind: str, tmp_path: Path) -> None:
    options = {"longest_s": 1.0, "retry_after_s": 3.0, "newcomer_every_s": 1.0, "strict": False}
    plan = next(plan for plan in known_plans(**options) if plan.kind == kind)
    outcome = await supervise(plan, tmp_path)
    assert outcome.wrong == [], outcome.summary()
    assert [name for name, _ in outcome.recoveries] == list(plan.faults)
    assert outcome.verdict.reads > 1
    assert outcome.redeemed
    assert outcome.undone
    assert outcome.registered


def test_the_seeds_name_faults_that_there_are() -> None:
    plans = known_plans()
    assert {plan.kind for plan in plans} == set(KINDS)
    for plan in plans:
        assert set(plan.faults) <= set(KINDS[plan.kind][1])
    assert Plan("one process", 1).strict
    assert len(PROCESSES) > len(ONE_PROCESS)
