"""One moment, gone on from in many ways: each in a process of its own, so that none sees what another has done.

A platform on the deterministic driver is one thread with all of its state in memory, so a fork copies it whole, in a
few milliseconds.
"""

import multiprocessing
import os
import random
from multiprocessing import connection

FORK = multiprocessing.get_context("fork")
AMONG_ALL = "PYTEST_XDIST_WORKER" in os.environ  # tests, which keep the cores busy
AT_ONCE = 1 if AMONG_ALL else os.cpu_count() or 1


class Died(Exception):
    """The process has ended without a word."""


def branches(action, ways):
    """Each way with what `action` made of it, in the order in which they end. It must answer, and not raise.

    Ways may be added to the list meanwhile.
    """
    begun, running = 0, {}
    while begun < len(ways) or running:
        while begun < len(ways) and len(running) < AT_ONCE:
            way = ways[begun]
            begun += 1
            hears, tells = FORK.Pipe(duplex=False)
            process = FORK.Process(target=_go_on, args=(action, way, tells, random.getstate()))
            process.start()
            tells.close()
            running[hears] = way, process
        for hears in connection.wait(running):
            way, process = running.pop(hears)
            try:
                answer = hears.recv()
            except EOFError as error:
                raise Died(way) from error
            finally:
                hears.close()
                process.join()
            yield way, answer


def leave(platform):
    """At the end of a branch. When all tests are played, what it has used is noted for `./commerce privileges`; that
    takes a third of a run's time.
    """
    if AMONG_ALL:
        platform.stop()


def _go_on(action, way, tells, chance):
    random.setstate(chance)  # Python draws a new one in each process
    tells.send(action(way))
