"""Building blocks every domain shares. Knows no domain by name.

domain          money, errors, messages, deciders: pure values and rules
application     the command handler: load, decide, save; and its ports
infrastructure  DynamoDB streams and rows, outbox, inbox, dead letters, event bus, resilience: the only place with boto3
entrypoint      Lambda's edge: HTTP, consumers, relay, saga tasks, authentication, idempotency, observability
"""
