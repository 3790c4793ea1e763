"""Orders per second to confirmed, and catalogue reads per second, on one core, with few and with many orders there.

    python -m benchmarks.throughput [--few 100] [--many 10000] [--orders 50] [--reads 500]

Prints the ratio of the second to the first: the platform should not grow slow as it fills. Seconds are those of the
processor, which other work on the machine does not lengthen: the deterministic driver never waits.
"""

import argparse
import resource
import time

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("few", 100), ("many", 10_000), ("orders", 50), ("reads", 500)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with Platform.start(assembly(), seed=0, throttle=False) as platform:
        rates, found = Rates(platform), []
        for existing in (asked.few, asked.many):
            rates.fill(existing)
            found.append((rates.place(asked.orders), rates.read(asked.reads)))
            print(f"{existing:>7} orders there: {found[-1][0]:7.1f} orders/s, {found[-1][1]:7.1f} reads/s")
    (few_orders, few_reads), (many_orders, many_reads) = found
    print(f"  ratio many/few: {many_orders / few_orders:7.2f} orders,   {many_reads / few_reads:7.2f} reads")
    print(f"  peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
