"""A server with the shape of Stripe's REST API: payment intents, refunds, events, balance transactions.

It carries what a shop with manual capture needs, in parts too, and lets go of a hold after seven days. Not here:
minimum amounts per currency, saved customers.
"""

from sandbox.stripe.account import Operation
from sandbox.stripe.api import StripeSandbox

__all__ = ["Operation", "StripeSandbox"]
