"""For admins and staff: who may what, and who did what."""

from datetime import date, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from common.entrypoint.authentication import ADMIN, STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.fields import WrittenOut
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from identity.bootstrap import audit_trail, cursors
from identity.events import Role
from identity.queries import AuditEntry
from identity.routes import app
from identity.use_cases import profile


def _of_our_time(moment: datetime | date) -> datetime | date:
    if not 2000 <= moment.year < 3000:
        raise ValueError("nothing happened then")
    return moment


Moment = Annotated[AwareDatetime | date, WrittenOut, AfterValidator(_of_our_time)]


class RolesRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    roles: Annotated[list[Role], Field(max_length=2)]


class UserRoles(BaseModel):
    customer_id: str
    roles: list[Role]


@app.put("/identity/users/<id>/roles", security=ADMIN)
def change_roles(
    id: Annotated[str, Path(max_length=64)], body: RolesRequest, caller: SignedIn, at: ReceivedAt
) -> UserRoles:
    """They hold from the next access token on; those given before end within ten minutes."""
    customer = profile.change_roles(id, body.roles, caller, at)
    return UserRoles(customer_id=customer.customer_id, roles=list(customer.roles))


@app.get("/identity/audit", security=STAFF)
def list_audit(
    query: ThisQuery,
    actor: Annotated[str | None, Query(max_length=64)] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listed[AuditEntry]:
    """What staff did, the newest first. `from` and `to` are times, or days that count wholly."""
    page = audit_trail().page(actor, since, until, limit, cursors().open(cursor, query))
    return Listed(
        items=[AuditEntry.model_validate(row) for row in page.rows], next_cursor=cursors().seal(page.after, query)
    )
