"""A server with the shape of Stripe's REST API: payment intents, refunds, events, balance transactions.

It carries what a shop with manual capture needs, in parts too. Not here: the automatic release of a hold after seven
days, minimum amounts per currency, saved customers.
"""

from sandbox.stripe.account import Operation
from sandbox.stripe.api import StripeSandbox

__all__ = ["Operation", "StripeSandbox"]
