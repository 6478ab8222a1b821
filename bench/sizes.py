"""How much is measured. ``toy`` shakes the modules down, ``small`` gives a first look, ``full`` is published."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts of one run. ``rounds`` alternate the measured with its floor; the rest is per round or in all."""

    name: str
    rounds: int
    sales: int
    updates: int
    looks: int
    regular: int
    few_customers: int
    many_customers: int
    volume_rounds: int
    volume_sales: int
    volume_looks: int
    processes: tuple[int, ...]
    process_updates: int
    memory_updates: int
    starts: int
    prove_many: bool
    recipients: int
    codes: int
    lots: int


TOY = Size(
    name="toy",
    rounds=1,
    sales=2,
    updates=6,
    looks=4,
    regular=20,
    few_customers=20,
    many_customers=60,
    volume_rounds=1,
    volume_sales=2,
    volume_looks=3,
    processes=(1,),
    process_updates=8,
    memory_updates=20,
    starts=1,
    prove_many=True,
    recipients=60,
    codes=2,
    lots=300,
)
SMALL = Size(
    name="small",
    rounds=3,
    sales=60,
    updates=300,
    looks=150,
    regular=10_000,
    few_customers=2_000,
    many_customers=50_000,
    volume_rounds=3,
    volume_sales=40,
    volume_looks=200,
    processes=(1, 2, 4),
    process_updates=400,
    memory_updates=4_000,
    starts=1,
    prove_many=True,
    recipients=20_000,
    codes=10,
    lots=100_000,
)
FULL = Size(
    name="full",
    rounds=9,
    sales=120,
    updates=600,
    looks=400,
    regular=10_000,
    few_customers=10_000,
    many_customers=1_000_000,
    volume_rounds=8,
    volume_sales=100,
    volume_looks=500,
    processes=(1, 2, 4),
    process_updates=800,
    memory_updates=100_000,
    starts=5,
    prove_many=False,
    recipients=100_000,
    codes=30,
    lots=1_000_000,
)
SIZES = {each.name: each for each in (TOY, SMALL, FULL)}
"""``regular``: entries of the customer with a long history. Every other customer has 20 (see bench.sample)."""
