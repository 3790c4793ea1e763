"""A key per person, in a table of their own: what functions seal with it is erased by destroying it."""

from typing import Literal

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

Use = Literal["make", "seal", "open", "destroy"]
ROWS: dict[Use, tuple[str, ...]] = {
    "make": ("PutItem",),
    "seal": ("GetItem",),
    "open": ("GetItem",),
    "destroy": ("PutItem",),
}
MASTER_KEY: dict[Use, tuple[str, ...]] = {
    "make": ("GenerateDataKey",),
    "seal": ("Decrypt",),
    "open": ("Decrypt",),
    "destroy": (),
}


class PersonKeys(Construct):
    """The table's backups are kept for 35 days, and so a destroyed key: after that, nobody has it."""

    def __init__(self, scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, id)
        self._table = dynamodb.Table(
            self,
            "Keys",
            table_name="commerce-person-keys",
            time_to_live_attribute="expires_at",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=removal_policy,
        )
        self._master_key = kms.Key(
            self,
            "Master",
            description="Wraps the keys of persons. Without it, nothing personal can be read.",
            enable_key_rotation=True,
            removal_policy=removal_policy,
            pending_window=Duration.days(7),
        )

    def used_by(self, function: lambda_.Function, *uses: Use) -> None:
        """To make a person's key, to seal with it what is personal, to open that, to destroy what opens it."""
        function.add_environment("PERSON_KEYS_TABLE", self._table.table_name)
        function.add_environment("PERSON_MASTER_KEY", self._master_key.key_id)
        self._table.grant(function, *{f"dynamodb:{action}" for use in uses for action in ROWS[use]})
        if actions := sorted({f"kms:{action}" for use in uses for action in MASTER_KEY[use]}):
            self._master_key.grant(function, *actions)
