"""Order: taken and read over HTTP; driven by the sagas; looked after by its sweeper."""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.patterns.table import table
from cdk.stacks.platform import PlatformStack

SHIPPING_TASKS = "commerce-shipping-tasks"
HEARS = {
    "catalog": ["ProductCreated", "ProductChanged", "PriceChanged", "ProductArchived", "CouponCreated"],
    "order": [
        "OrderPlaced",
        "OrderAwaitingPayment",
        "OrderConfirmed",
        "OrderRejected",
        "OrderCancelRequested",
        "OrderCancelRefused",
        "OrderCancelled",
        "OrderPartShipped",
        "OrderShipped",
        "OrderPartDelivered",
        "OrderDelivered",
        "ReturnRequested",
        "ReturnApproved",
        "ReturnRejected",
        "ReturnReceived",
        "ReturnCompleted",
        "OrderReturned",
        "OrderParked",
        "OrderRetried",
        "OrderSettled",
    ],
    "payment": [
        "PaymentActionRequired",
        "PaymentActionSettled",
        "PaymentAuthorized",
        "PaymentDeclined",
        "PaymentInDoubt",
        "PaymentCaptured",
        "PaymentVoided",
        "PaymentRefunded",
        "RefundFailed",
        "DisputeOpened",
        "DisputeClosed",
    ],
    "inventory": [
        "StockReserved",
        "ReservationExtended",
        "StockHeld",
        "StockReleased",
        "StockCommitted",
        "StockReturned",
        "ReservationExpired",
    ],
    "shipping": [
        "ShipmentCreated",
        "ShipmentSplit",
        "ShipmentDispatched",
        "ShipmentTracked",
        "ShipmentDelivered",
        "ShipmentFailed",
        "ShipmentReturned",
        "ShipmentCancelled",
    ],
    "notification": ["NotificationSent"],
}


class OrderStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        order = Domain(self, "order", platform=platform)
        api = order.function(
            "api",
            append=True,
            state=("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
            environment={
                "CURSOR_SECRET": platform.cursor_key.secret_name,
                "SHIPPING_RATES": table("shipping_rates"),
                "TAX_RATES": table("tax_rates"),
                "SHIPPING_TASKS": SHIPPING_TASKS,
            },
        )
        api.add_to_role_policy(self._to_ask_shipping())
        platform.cursor_key.let(api)
        platform.person_keys.used_by(api, "seal", "open")
        consumer = order.function("consumer", append=True, state=("PutItem", "BatchWriteItem", "Query", "DeleteItem"))
        # Most sagas end within: their facts and states are written once then.
        order.consumes(HEARS, consumer, batch_size=100, window=Duration.seconds(1))
        sweeper = order.function("sweeper", append=True, state=("Query", "DeleteItem", "UpdateItem"))
        order.sweeps(sweeper, Duration.minutes(1))
        self.tasks = order.function("tasks", append=True, state=("UpdateItem", "PutItem", "Query", "DeleteItem"))
        for function in (consumer, self.tasks):
            function.add_to_role_policy(self._to_answer_returns())
        self._ring_for_attention(platform)
        self.routes = [
            Routes(
                api,
                public=["POST /orders/quote"],
                signed_in=[
                    "POST /orders",
                    "GET /orders",
                    "GET /orders/{order_id}",
                    "GET /orders/{order_id}/timeline",
                    "POST /orders/{order_id}/cancel",
                    "POST /orders/{order_id}/retry",
                    "POST /orders/{order_id}/compensate",
                    "POST /orders/{order_id}/close",
                    "POST /orders/{order_id}/returns",
                    "GET /orders/{order_id}/returns/{return_id}",
                    "POST /orders/{order_id}/returns/{return_id}/approve",
                    "POST /orders/{order_id}/returns/{return_id}/reject",
                    "POST /orders/{order_id}/returns/{return_id}/receive",
                ],
            )
        ]

    def _to_ask_shipping(self) -> iam.PolicyStatement:
        """By the function's name: domain stacks never see each other."""
        function = self.format_arn(
            service="lambda",
            resource="function",
            resource_name=SHIPPING_TASKS,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function])

    def _to_answer_returns(self) -> iam.PolicyStatement:
        """By the machine's name: its own stack is made from this one."""
        machine = self.format_arn(
            service="states",
            resource="stateMachine",
            resource_name="commerce-return-order",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return iam.PolicyStatement(actions=["states:SendTaskSuccess"], resources=[machine])

    def _ring_for_attention(self, platform: PlatformStack) -> None:
        """`./commerce orders ls` says which orders they are."""
        alarm = cloudwatch.Metric(
            namespace="commerce",
            metric_name="OrderNeedsAttention",
            dimensions_map={"service": "order"},
            statistic="Sum",
            period=Duration.minutes(5),
        ).create_alarm(
            self,
            "NeedsAttention",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="An order cannot go on by itself: a person must look.",
        )
        alarm.add_alarm_action(actions.SnsAction(platform.alarms))
