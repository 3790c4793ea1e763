"""The API that is deployed is the API that the routers speak: the same routes, with the same scopes."""

from importlib import import_module

import pytest

from common.entrypoint.authentication import PUBLIC
from common.entrypoint.http import scopes_of


@pytest.fixture(scope="module")
def routes(resources):
    """Their properties, by route key."""
    return {one.properties["RouteKey"]: one.properties for one in resources("AWS::ApiGatewayV2::Route")}


@pytest.fixture(scope="module")
def domain_of(resources, functions):
    """Whose `api` a route goes to."""
    targets = {
        f"integrations/{one.ref}": functions[one.properties["IntegrationUri"]]["Handler"]
        for one in resources("AWS::ApiGatewayV2::Integration")
    }

    def find(route):
        domain, _, entry = targets[route["Target"]].partition(".handlers.")
        assert entry == "api"
        return domain

    return find


@pytest.fixture(scope="module")
def scopes(routes, domain_of):
    """What the routers declare, by domain and route key."""
    domains = {domain_of(route) for route in routes.values()}
    return {domain: scopes_of(import_module(f"{domain}.handlers").app) for domain in domains}


def test_the_templates_have_the_routes_of_the_routers_and_each_leads_to_its_own(routes, domain_of, scopes):
    deployed = {(domain_of(route), key) for key, route in routes.items()}
    assert deployed == {(domain, key) for domain, declared in scopes.items() for key in declared}


def test_every_route_declares_its_scope(scopes):
    assert [key for declared in scopes.values() for key, scope in declared.items() if not scope] == []


def test_all_but_public_routes_are_behind_the_authorizer(routes, domain_of, scopes, resources):
    [authorizer] = resources("AWS::ApiGatewayV2::Authorizer")
    for key, route in routes.items():
        if scopes[domain_of(route)][key] == PUBLIC:
            assert route["AuthorizationType"] == "NONE", key
        else:
            assert (route["AuthorizationType"], route.get("AuthorizerId")) == ("CUSTOM", authorizer.ref), key


def test_the_authorizer_forgets_soon_enough(resources):
    [authorizer] = resources("AWS::ApiGatewayV2::Authorizer")
    assert authorizer.properties["AuthorizerResultTtlInSeconds"] <= 60
    assert authorizer.properties["IdentitySource"] == ["$request.header.Authorization"]


def test_the_api_is_throttled_and_logs_no_person(resources):
    [stage] = resources("AWS::ApiGatewayV2::Stage")
    assert stage.properties["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert "sourceIp" not in stage.properties["AccessLogSettings"]["Format"]
