"""List prices in dollars, eu-west-1, read from the services' pricing pages in November 2026.

lambda        aws.amazon.com/lambda/pricing           arm64: per request, per GB-second
dynamodb      aws.amazon.com/dynamodb/pricing         on-demand: per write request unit, per read request unit
events        aws.amazon.com/eventbridge/pricing      custom events, per event of 64 KB
sqs           aws.amazon.com/sqs/pricing              standard queues, per request of 64 KB
s3            aws.amazon.com/s3/pricing               Standard, per PUT
states        aws.amazon.com/step-functions/pricing   Express: per request, per GB-second; Standard: per transition
apigateway    aws.amazon.com/api-gateway/pricing      HTTP API, per request
logs          aws.amazon.com/cloudwatch/pricing       per GB ingested
ses           aws.amazon.com/ses/pricing              per mail
kms, secrets  per request
"""

MILLION = 1_000_000

PRICES = {
    "lambda.request": 0.20 / MILLION,
    "lambda.gb_second": 0.0000133334,
    "dynamodb.write_unit": 0.705 / MILLION,
    "dynamodb.read_unit": 0.141 / MILLION,
    "events.event": 1.00 / MILLION,
    "sqs.request": 0.40 / MILLION,
    "s3.put": 0.005 / 1000,
    "states.express_request": 1.00 / MILLION,
    "states.express_gb_second": 0.00001667,
    "apigateway.request": 1.11 / MILLION,
    "logs.gb": 0.57,
    "ses.mail": 0.10 / 1000,
    "kms.request": 0.03 / 10_000,
    "secretsmanager.request": 0.05 / 10_000,
}
