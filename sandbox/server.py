"""Both sandboxes over HTTP, so that any client can be pointed at them.

    python -m sandbox.server --port 12111 --deliver-to http://127.0.0.1:8080

`/v1/…` is Stripe, `/v2/…` EasyPost, `/_local/sandbox/…` the pages for people. With `--deliver-to` the webhooks go out.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn

from sandbox.easypost import EasyPostSandbox
from sandbox.request import Answer
from sandbox.stripe import StripeSandbox
from sandbox.webhooks import Webhook

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

POLL = 0.2  # seconds between two looks at what is due
TIMEOUT = 10.0  # Stripe waits ten seconds or so for an answer to a webhook


class SandboxServer:
    """An ASGI application. One event loop carries it, so the sandboxes see one call at a time."""

    def __init__(self, stripe: StripeSandbox, easypost: EasyPostSandbox, deliver_to: str | None = None) -> None:
        self._stripe = stripe
        self._easypost = easypost
        self._deliver_to = deliver_to

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            status, headers, body = self._answer(scope, await _body(receive))
            raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": status, "headers": raw})
            await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Message, body: bytes) -> Answer:
        method, path = scope["method"], scope["raw_path"].decode()
        query = scope["query_string"].decode()
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        sandbox = self._easypost if path.startswith(("/v2/", "/_local/sandbox/easypost/")) else self._stripe
        if path.startswith("/_local/"):
            return sandbox.page(method, path, query, headers)
        return sandbox.handle(method, f"{path}?{query}", headers, body)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._carrier():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _carrier(self) -> AsyncIterator[None]:
        if self._deliver_to is None:
            yield
            return
        carrying = asyncio.create_task(self._carry(self._deliver_to))
        try:
            yield
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)

    async def _carry(self, base_url: str) -> None:
        async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT) as client:
            while True:
                due = self._stripe.due_webhooks() + self._easypost.due_webhooks()
                await asyncio.gather(*(_deliver(client, webhook) for webhook in due))
                await asyncio.sleep(POLL)


async def _deliver(client: httpx.AsyncClient, webhook: Webhook) -> None:
    try:
        answer = await client.post(webhook.path, content=webhook.body, headers=webhook.headers)
    except httpx.TransportError:
        webhook.delivered(False)
    else:
        webhook.delivered(answer.is_success)


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.server", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--stripe-key", default="sk_test_sandbox")
    parser.add_argument("--easypost-key", default="EZTK_sandbox")
    parser.add_argument("--stripe-webhook-secret", default="whsec_sandbox")
    parser.add_argument("--easypost-webhook-secret", default="sandbox")
    parser.add_argument("--deliver-to", help="the address of the shop, without a path")
    asked = parser.parse_args()
    public_url = f"http://127.0.0.1:{asked.port}"
    stripe = StripeSandbox(asked.stripe_key, asked.stripe_webhook_secret, public_url)
    easypost = EasyPostSandbox(asked.easypost_key, asked.easypost_webhook_secret, public_url)
    uvicorn.run(
        SandboxServer(stripe, easypost, asked.deliver_to), host="127.0.0.1", port=asked.port, log_level="warning"
    )


if __name__ == "__main__":
    main()
