"""Orders per second to confirmed, and catalogue reads per second, on one core, with few and with many orders there.

    python -m benchmarks.throughput [--few 100] [--many 10000] [--orders 50] [--reads 500] [--turns 3]

The platform should not grow slow as it fills. One with few orders is kept, by a fork of the process, until the other
has many; then they are measured by turns, so that what else the machine does meets both. Seconds are those of the
processor: the deterministic driver never waits. Printed are the medians, and the ratio of many to few.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from multiprocessing import Pipe
from statistics import median
from typing import NamedTuple

import local.environments  # noqa: F401  before any function's module
from local.cli.synth import assembly
from local.platform import Platform
from local.shop import Shop

BATCH = 50


class Rates:
    def __init__(self, platform: Platform) -> None:
        self._shop = Shop(platform.client())
        staff = self._shop.join("admin@commerce.example", "Grace")
        self._shop.join("ada@customer.example")
        self._product = self._shop.stock(staff, "mug", 1_000_000)["product_id"]
        self._shop.settle()
        self._orders = 0

    def fill(self, until: int) -> None:
        while self._orders < until:
            self.place(min(BATCH, until - self._orders))

    def place(self, number: int) -> float:
        """Orders per second, from the first POST to the last confirmation."""
        ada = self._shop.sign_in("ada@customer.example")
        started = time.process_time()
        for _ in range(number):
            ada.order("mug")
        self._shop.settle()
        self._orders += number
        return number / (time.process_time() - started)

    def read(self, number: int) -> float:
        """Catalogue reads per second: one product, and the first page of its category, by turns."""
        paths = (f"/catalog/products/{self._product}", "/catalog/products?category=home")
        started = time.process_time()
        for turn in range(number):
            assert self._shop.client.get(paths[turn % 2]).status_code == 200
        return number / (time.process_time() - started)


class Measured(NamedTuple):
    orders: float  # per second
    reads: float


Measure = Callable[[], Measured]


def kept_as_it_is(measure: Measure) -> Measure:
    """The same of this process as it is now, however it goes on: a fork of it measures, when asked to."""
    here, there = Pipe()
    if not os.fork():
        here.close()
        try:
            while there.recv():
                there.send(measure())
        except EOFError:  # nobody asks any more
            pass
        os._exit(0)
    there.close()

    def ask() -> Measured:
        here.send(True)
        answer: Measured = here.recv()
        return answer

    return ask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("few", 100), ("many", 10_000), ("orders", 50), ("reads", 500), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with Platform.start(assembly(), seed=0, throttle=False) as platform:
        rates = Rates(platform)
        rates.read(asked.reads)

        def measure() -> Measured:
            return Measured(rates.place(asked.orders), rates.read(asked.reads))

        rates.fill(asked.few)
        with_few = kept_as_it_is(measure)
        rates.fill(asked.many)
        turns = [(with_few(), measure()) for _ in range(asked.turns)]
    found = [Measured(*map(median, zip(*column, strict=True))) for column in zip(*turns, strict=True)]
    for existing, one in zip((asked.few, asked.many), found, strict=True):
        print(f"{existing:>7} orders there: {one.orders:7.1f} orders/s, {one.reads:7.1f} reads/s")
    few, many = found
    print(f"  ratio many/few: {many.orders / few.orders:7.2f} orders,   {many.reads / few.reads:7.2f} reads")
    print(f"  peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
