"""Executions of `return_order` that wait for staff, by the token that Step Functions gave each of them.

    pk               sk                   what
    return#<id>      <what>#<token>       an execution that waits for the decision, or for the goods

Twin executions are normal; each waits by a token of its own, and all are told. The token is kept before the return is
looked at, and staff's word is committed before the tokens are: so whoever comes second sees the other.
"""

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from common.infrastructure.rows import Rows
from order.returns.state import Return

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

Awaited = Literal["decision", "goods"]


class Waiting:
    def __init__(self, rows: Rows, step_functions: "SFNClient") -> None:
        self._rows = rows
        self._step_functions = step_functions

    def note(self, return_id: str, what: Awaited, token: str) -> None:
        """The same twice."""
        row = {"pk": f"return#{return_id}", "sk": f"{what}#{sha256(token.encode()).hexdigest()[:16]}", "token": token}
        self._rows.put(row)

    def tell(self, found: Return) -> None:
        """All executions that wait for what staff have said by now. Told twice, the second time nobody listens."""
        for what, word in answers(found).items():
            for row in self._rows.every(f"return#{found.requested.return_id}", prefix=f"{what}#"):
                self._send(row["token"], word)
                self._rows.delete(row["pk"], row["sk"])

    def _send(self, token: str, word: str) -> None:
        gone = self._step_functions.exceptions
        try:
            self._step_functions.send_task_success(taskToken=token, output=word)
        except (gone.TaskTimedOut, gone.TaskDoesNotExist, gone.InvalidToken):
            return  # it was told before, or has ended: a restarted execution will look for itself


def answers(found: Return) -> dict[Awaited, str]:
    """What there is to say, as JSON: nothing, the decision, or the decision and what came."""
    if found.status == "requested":
        return {}
    decision = json.dumps({"approved": found.status != "rejected"})
    if found.received is None or found.refund is None:
        return {"decision": decision}
    goods = {
        "items": [unit.model_dump() for unit in found.received],
        "refund": found.refund.model_dump(),
        "refund_id": f"ref_{found.requested.return_id.removeprefix('ret_')}",
        "pays": found.refund.amount > 0,
        "restocks": bool(found.received),
    }
    return {"decision": decision, "goods": json.dumps(goods)}
