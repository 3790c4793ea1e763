"""Logs, alarms, dashboards, and the mail identity."""

from local.assembly import ACCOUNT, REGION, Created
from local.resources.aws import Aws, Creator, Properties, tags, text, without


def log_group(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("LogGroupName", name)
    aws("logs").create_log_group(logGroupName=name)
    return Created(name, {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"})


def log_resource_policy(aws: Aws, name: str, properties: Properties) -> Created:
    aws("logs").put_resource_policy(policyName=properties["PolicyName"], policyDocument=properties["PolicyDocument"])
    return Created(properties["PolicyName"])


def alarm(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("AlarmName", name)
    aws("cloudwatch").put_metric_alarm(AlarmName=name, **without(properties, "AlarmName", "Tags"))
    return Created(name, {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"})


def dashboard(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("DashboardName", name)
    aws("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=text(properties["DashboardBody"]))
    return Created(name)


def email_identity(aws: Aws, name: str, properties: Properties) -> Created:
    identity = properties["EmailIdentity"]
    aws("sesv2").create_email_identity(EmailIdentity=identity)
    if "@" in identity:
        aws("ses").verify_email_identity(EmailAddress=identity)  # on AWS, a person follows a link
    else:
        aws("ses").verify_domain_identity(Domain=identity)
    return Created(identity, {"Arn": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{identity}"})


def configuration_set(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", name)[:64]
    aws("sesv2").create_configuration_set(
        ConfigurationSetName=name, Tags=[{"Key": key, "Value": value} for key, value in tags(properties).items()]
    )
    return Created(name)


def configuration_set_event_destination(aws: Aws, name: str, properties: Properties) -> Created:
    """moto has none. What stands in the template is read by whoever tells what SES tells."""
    if set(properties["EventDestination"]) - {"Enabled", "MatchingEventTypes", "Name"} != {"EventBridgeDestination"}:
        raise NotImplementedError("SES tells a bus, and nobody else, on a laptop")
    return Created(name)


CREATORS: dict[str, Creator] = {
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::ResourcePolicy": log_resource_policy,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::SES::EmailIdentity": email_identity,
    "AWS::SES::ConfigurationSet": configuration_set,
    "AWS::SES::ConfigurationSetEventDestination": configuration_set_event_destination,
}
