import os
from functools import cache

import boto3


@cache
def client(service):
    return boto3.client(service)


@cache
def settings():
    return {"table": os.environ["TABLE"], "bus": os.environ.get("EVENT_BUS", ""), "name": os.environ["OWN_NAME"]}
