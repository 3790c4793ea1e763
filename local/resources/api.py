"""The HTTP API. `local.gateway` serves it from the same properties."""

from local.assembly import REGION, Created
from local.resources.aws import Aws, Creator, Properties, without


def api(aws: Aws, name: str, properties: Properties) -> Created:
    made = aws("apigatewayv2").create_api(**without(properties, "Tags"))
    endpoint = f"https://{made['ApiId']}.execute-api.{REGION}.amazonaws.com"
    return Created(made["ApiId"], {"ApiId": made["ApiId"], "ApiEndpoint": endpoint})


def route(aws: Aws, name: str, properties: Properties) -> Created:
    made = aws("apigatewayv2").create_route(**properties)["RouteId"]
    return Created(made, {"RouteId": made})


def integration(aws: Aws, name: str, properties: Properties) -> Created:
    made = aws("apigatewayv2").create_integration(**properties)["IntegrationId"]
    return Created(made, {"IntegrationId": made})


def authorizer(aws: Aws, name: str, properties: Properties) -> Created:
    made = aws("apigatewayv2").create_authorizer(**properties)["AuthorizerId"]
    return Created(made, {"AuthorizerId": made})


def stage(aws: Aws, name: str, properties: Properties) -> Created:
    aws("apigatewayv2").create_stage(**without(properties, "Tags"))
    return Created(properties["StageName"])


CREATORS: dict[str, Creator] = {
    "AWS::ApiGatewayV2::Api": api,
    "AWS::ApiGatewayV2::Route": route,
    "AWS::ApiGatewayV2::Integration": integration,
    "AWS::ApiGatewayV2::Authorizer": authorizer,
    "AWS::ApiGatewayV2::Stage": stage,
}
