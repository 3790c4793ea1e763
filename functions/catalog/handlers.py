"""Lambda's entry points of the catalog domain. What each route and message means stands with its aggregate."""

from catalog.bootstrap import event_bus, outbox
from catalog.coupon.routes import routes as coupon_routes
from catalog.images.routes import routes as image_routes
from catalog.imports.routes import MAX_FILE, POST_IMPORT
from catalog.imports.routes import routes as import_routes
from catalog.listing.hearing import hear
from catalog.listing.routes import routes as listing_routes
from catalog.product.routes import routes as product_routes
from catalog.rebuild.routes import routes as rebuild_routes
from catalog.work import work_on
from common.entrypoint.consumer import consumer_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.relay import relay_handler, republisher_handler

app = http_app()
for routes in (listing_routes, product_routes, coupon_routes, import_routes, rebuild_routes, image_routes):
    app.include_router(routes)

api = http_handler(app, larger={POST_IMPORT: MAX_FILE})
consumer = consumer_handler(hear)
worker = consumer_handler(work_on)
relay = relay_handler("catalog", event_bus)
republisher = republisher_handler("catalog", outbox, event_bus)
