"""Lambda's entry points of the identity domain."""

from common.entrypoint.consumer import consumer_handler
from common.entrypoint.http import http_handler
from common.entrypoint.relay import relay_handler, republisher_handler
from identity.bootstrap import event_bus, outbox
from identity.hearing import hear
from identity.routes import app, customers, keys, public, staff

ROUTES = (public, customers, staff, keys)  # each has put its own on the app

api = http_handler(app)
consumer = consumer_handler(hear)
relay = relay_handler("identity", event_bus)
republisher = republisher_handler("identity", outbox, event_bus)
