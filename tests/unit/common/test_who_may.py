"""Which routes are for staff, which for admins, and which for everyone: what the routers say is what was agreed."""

from importlib import import_module

import pytest

from common.entrypoint.authentication import ADMIN, PUBLIC, STAFF
from common.entrypoint.http import scopes_of

DOMAINS = ("analytics", "catalog", "identity", "inventory", "notification", "order", "payment", "shipping", "system")
ADMINS = """
POST /analytics/rebuilds
GET /analytics/rebuilds/{rebuild_id}
PUT /identity/users/{id}/roles
"""
STAFFS = """
GET /analytics/overview
GET /analytics/sales
GET /analytics/products/top
GET /analytics/funnel
POST /catalog/products
PATCH /catalog/products/{product_id}
PUT /catalog/products/{product_id}/price
DELETE /catalog/products/{product_id}
POST /catalog/products/{product_id}/images
PUT /catalog/products/{product_id}/images/{image_id}
POST /catalog/coupons
GET /catalog/coupons
GET /catalog/coupons/{code}
POST /catalog/imports
GET /catalog/imports/{import_id}
POST /catalog/rebuilds
GET /catalog/rebuilds/{rebuild_id}
GET /identity/audit
GET /inventory/low-stock
GET /inventory/stock/{sku}
PUT /inventory/stock/{sku}/hot
DELETE /inventory/stock/{sku}/hot
POST /inventory/stock/{sku}/adjustments
GET /inventory/stock/{sku}/movements
POST /orders/{order_id}/retry
POST /orders/{order_id}/compensate
POST /orders/{order_id}/close
POST /orders/{order_id}/returns/{return_id}/approve
POST /orders/{order_id}/returns/{return_id}/reject
POST /orders/{order_id}/returns/{return_id}/receive
GET /payments/ledger
GET /payments/reconciliation
GET /payments/{payment_id}/refunds
POST /payments/{payment_id}/refunds
POST /shipments/{id}/dispatch
POST /shipments/{id}/split
"""
EVERYONES = """
GET /catalog/products
GET /catalog/products/{product_id}
GET /catalog/products/{product_id}/prices
GET /catalog/categories
GET /.well-known/jwks.json
GET /.well-known/openid-configuration
POST /identity/register
POST /identity/confirm
POST /identity/login
POST /identity/guest
POST /identity/refresh
POST /identity/logout
POST /identity/password/forgot
POST /identity/password/reset
GET /inventory/availability
GET /notifications/unsubscribe
POST /notifications/unsubscribe
POST /orders/quote
POST /payments/webhooks/stripe
POST /shipping/quotes
POST /shipping/webhooks/easypost
GET /health
GET /openapi.json
"""


@pytest.mark.parametrize(("scope", "agreed"), [(ADMIN, ADMINS), (STAFF, STAFFS), (PUBLIC, EVERYONES)])
def test_the_routes_are_for_whom_they_were_meant(scope, agreed):
    declared = [scopes_of(import_module(f"{domain}.handlers").app) for domain in DOMAINS]
    found = {key for scopes in declared for key, said in scopes.items() if said == scope}
    assert found == set(agreed.strip().splitlines())
