"""What a version of the settings changed."""

from core.domain.programme import Programme, to_json
from core.domain.versions import Changed, changes_between


def test_the_merchants_changes_in_the_order_of_declaration() -> None:
    before = to_json(Programme())
    after = before | {"code_length": 6, "accrual_percent": 700}
    assert changes_between(before, after, of_branch=False) == (
        Changed("accrual_percent", 500, 700),
        Changed("code_length", 4, 6),
    )
    assert changes_between(before, before, of_branch=False) == ()


def test_a_setting_of_a_newer_release_stood_at_its_default() -> None:
    older = {name: value for name, value in to_json(Programme()).items() if name != "code_length"}
    assert changes_between(older, to_json(Programme()), of_branch=False) == ()
    assert changes_between(older, older | {"code_length": 6}, of_branch=False) == (Changed("code_length", 4, 6),)
    assert changes_between(older | {"code_length": 6}, older, of_branch=False) == (Changed("code_length", 6, 4),)


def test_a_branch_begins_and_ends_to_follow_the_network() -> None:
    own = {"accrual_percent": 700}
    assert changes_between({}, own, of_branch=True) == (Changed("accrual_percent", None, 700, True, False),)
    assert changes_between(own, {}, of_branch=True) == (Changed("accrual_percent", 700, None, False, True),)
    assert changes_between(own, {"accrual_percent": 800}, of_branch=True) == (
        Changed("accrual_percent", 700, 800),
    )
    # An override that is empty is one nevertheless: it no longer follows.
    assert changes_between({}, {"eligible_pairs": None}, of_branch=True) == (
        Changed("eligible_pairs", None, None, True, False),
    )
    assert changes_between({}, {}, of_branch=True) == ()
