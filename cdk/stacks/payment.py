"""Payment: driven by the sagas; told by Stripe; read, and refunded, over HTTP; its ledger folded from its events."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.patterns.secret import GeneratedSecret
from cdk.stacks.platform import PlatformStack

HAVE_POSTINGS = (
    "PaymentAuthorized",
    "PaymentCaptured",
    "PaymentVoided",
    "PaymentRefunded",
    "RefundFailed",
    "DisputeOpened",
    "DisputeClosed",
)
MATTERS = ("OrderConfirmed", "OrderShipped", "OrderCancelled", "OrderClosed")  # of orders, to whoever reconciles
BREAKER = ("GetItem", "UpdateItem")  # what calling Stripe needs of the state table
PATIENCE = Duration.seconds(20)  # for a call that is not answered, and the question what came of it


class PaymentStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        payment = Domain(self, "payment", platform=platform)
        keys = GeneratedSecret(
            self,
            "StripeKeys",
            "commerce/stripe",
            generated="webhook_secret",
            template='{"api_key": "sandbox"}',
            description="Stripe's API key, to be put in by hand, and the secret that it signs its webhooks with.",
        )
        stripe = {
            "STRIPE_SECRET": keys.secret_name,
            "RETURN_URL": f"{platform.environment_.issuer}/orders/{{order_id}}",
        }
        self.tasks = payment.function("tasks", append=True, state=BREAKER, environment=stripe, timeout=PATIENCE)
        api = payment.function(
            "api",
            append=True,
            state=(*BREAKER, "PutItem", "Query"),
            environment=stripe | {"CURSOR_SECRET": platform.cursor_key.secret_name},
            timeout=PATIENCE,
        )
        platform.cursor_key.let(api)
        settlements = payment.function("settlements", append=True, state=BREAKER, environment=stripe)
        reconciler = payment.function(
            "reconciler", state=(*BREAKER, "PutItem", "Query"), environment=stripe, timeout=Duration.minutes(15)
        )
        payment.events.grant(reconciler, "dynamodb:Query")
        for function in (self.tasks, api, settlements, reconciler):
            keys.let(function)
        books = payment.function("consumer", state=("PutItem", "UpdateItem", "BatchWriteItem"))
        heard = {"payment": HAVE_POSTINGS, "order": MATTERS}
        payment.consumes(heard, books, batch_size=100, window=Duration.seconds(2))
        owed = {"payment": ["RefundRequested"], "order": ["OrderShipped"]}
        payment.consumes(owed, settlements, queue="settlements", batch_size=1)
        payment.sweeps(reconciler, events.Schedule.cron(hour="3", minute="0"))
        payment.rings("ReconciliationDifferences", "The ledger, the provider and the orders do not agree about a day.")
        payment.rings("HoldsLapsing", "Money is held that the provider lets go of within two days: send, or cancel.")
        payment.rings("HoldsLapsed", "The provider has let go of money that an order still needs.")
        payment.rings("DisputesOpened", "A customer's bank wants money back: answer it in the provider's dashboard.")
        payment.rings("RefundsFailed", "The provider has refused to give money back; the customer waits for it.")
        self.routes = [
            Routes(
                api,
                public=["POST /payments/webhooks/stripe"],
                signed_in=[
                    "GET /payments",
                    "GET /payments/ledger",
                    "GET /payments/reconciliation",
                    "GET /payments/{payment_id}",
                    "GET /payments/{payment_id}/refunds",
                    "POST /payments/{payment_id}/refunds",
                ],
            )
        ]
