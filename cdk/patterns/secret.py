"""A secret that is generated, and read by those functions that are let."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct


class GeneratedSecret(secretsmanager.Secret):
    """`generated` is the key of the part that nobody chooses, `template` the JSON of the other parts."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        name: str,
        *,
        generated: str,
        template: str = "{}",
        description: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            secret_name=name,
            description=description,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=template, generate_string_key=generated, exclude_punctuation=True
            ),
        )

    def let(self, function: iam.IGrantable) -> None:
        """Read it, and no more: `grant_read` would have it described too."""
        iam.Grant.add_to_principal(
            grantee=function, actions=["secretsmanager:GetSecretValue"], resource_arns=[self.secret_arn]
        )
