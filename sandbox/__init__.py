"""Servers of ours with the shape of the real providers: Stripe for payments, EasyPost for parcels.

They hold their state in memory, start no thread and do no I/O: a request goes in as bytes and comes out as bytes, and
the webhooks they owe are asked for. Time is `time.time()`, ids come from a counter, so a run can be repeated exactly.
`python -m sandbox.server` serves both over HTTP.
"""
