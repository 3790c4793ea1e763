"""Safeguards, each with how to take it out and with the tests that should fail without it."""

from benchmarks.bites import callers, effects, sagas, writes
from benchmarks.bites.bite import Bite as Bite

BITES: tuple[Bite, ...] = (*writes.BITES, *effects.BITES, *callers.BITES, *sagas.BITES)
