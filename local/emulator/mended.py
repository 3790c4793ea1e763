"""ministack 1.5.33 with four of its deviations from AWS mended, run by its own Python; `requirements.lock` pins it.

- A handler's error has the name of its class. ministack calls all of them `Runtime.HandlerError`, and no `Retry` or
  `Catch` of a state machine matches.
- A request authorizer is told `time` and `timeEpoch`, as it is by payload format 2.0.
- An answer whose body is null has an empty body; ministack breaks down over it.
- `Ref` of a secret is its ARN; ministack gives its name.

And the layer is unpacked once: there are some forty functions, in processes of their own.
"""

import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any, ClassVar

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import apigateway, lambda_svc
from ministack.services.cloudformation import provisioners

Json = dict[str, Any]


def main() -> None:
    lambda_svc._execute_function_warm = _with_error_names(lambda_svc._execute_function_warm)
    apigateway._invoke_request_authorizer_lambda = _with_the_time(apigateway._invoke_request_authorizer_lambda)
    app._send_response = _with_a_body(app._send_response)
    secret = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    secret["create"] = _with_arn(secret["create"])
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": _Unpacked})
    app.main()


def _with_error_names(execute: Any) -> Any:
    """After its last traceback stands the class, as in `order.refusals.NotCancellable: It has been sent.`"""

    def named(func: Json, event: Any, request_id: str) -> Json:
        result: Json = execute(func, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            _, _, last = result.get("log", "").rpartition("Traceback (most recent call last):\n")
            raised = next((line for line in last.splitlines() if line[:1].strip()), "")
            body["errorType"] = raised.partition(":")[0].rpartition(".")[2] or body["errorType"]
        return result

    return named


def _with_the_time(invoke: Any) -> Any:
    async def timed(authorizer: Json, event: Json, account_id: str, region: str) -> Any:
        now = time.time()
        event["requestContext"] |= {
            "time": datetime.fromtimestamp(now, tz=UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        }
        return await invoke(authorizer, event, account_id, region)

    return timed


def _with_a_body(send_response: Any) -> Any:
    async def bodied(send: Any, status: int, headers: Json, body: Any, **how: Any) -> None:
        await send_response(send, status, headers, b"" if body is None else body, **how)

    return bodied


def _with_arn(create: Any) -> Any:
    def created(logical_id: str, props: Json, stack_name: str) -> Any:
        _, attributes = create(logical_id, props, stack_name)
        return attributes["Arn"], attributes

    return created


class _Unpacked(zipfile.ZipFile):
    """A layer's folders are links to where it was unpacked the first time."""

    layers: ClassVar[dict[bytes, Path]] = {}

    def extractall(self, path: Any = None, *rest: Any) -> None:
        if not Path(str(self.filename)).name.startswith("layer_"):
            super().extractall(path, *rest)
            return
        content = Path(str(self.filename)).read_bytes()
        if content not in self.layers:
            folder = Path(mkdtemp(prefix="layer-"))
            super().extractall(folder)
            self.layers[content] = folder
        for entry in self.layers[content].iterdir():
            Path(str(path), entry.name).symlink_to(entry)


if __name__ == "__main__":
    main()
