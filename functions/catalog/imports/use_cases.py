"""What is done with an import: it is asked for, and then taken in step by step."""

import json
from datetime import datetime
from hashlib import sha256
from itertools import islice

from pydantic import ValidationError

from catalog import bootstrap
from catalog.imports.events import ImportAdvanced, ImportCompleted, ImportFailed, ImportRequested
from catalog.imports.lines import LineError, changes, faults, parse
from catalog.product.commands import CreateProduct, ReviseProduct
from catalog.product.decider import SkuTaken
from catalog.product.views import ProductRequest
from common.application.command_handler import again_if_outrun
from common.domain.errors import AlreadyDone, ConcurrentWrite, Conflict, Invalid, Malformed, TooLarge
from common.domain.message import Message, Origin
from common.entrypoint.idempotency import derived_id
from common.infrastructure.rows import Row
from common.infrastructure.transaction import Write, put

MAX_LINES = 10_000
AT_ONCE = 200  # lines of a step, which takes seconds of the minute that it may take


class NothingToImport(Invalid): ...


class TooManyLines(TooLarge): ...


def lines_in(body: bytes) -> int:
    """Raise unless it is a file that can be imported."""
    lines = sum(1 for line in body.split(b"\n") if line.strip())
    if not lines or body == b"{}":  # as which no body comes
        raise NothingToImport("There is no line in it.")
    if lines > MAX_LINES:
        raise TooManyLines(f"An import may have {MAX_LINES} lines.")
    return lines


def request_import(import_id: str, body: bytes, at: datetime, origin: Origin, beside: Write) -> None:
    """The file is stored first, under a name that says what is in it: whoever repeats this stores the same."""
    lines = lines_in(body)
    key = f"{import_id}/{sha256(body).hexdigest()}.ndjson"
    bootstrap.import_files().put(key, body, "application/x-ndjson")
    bootstrap.imports().begin(
        import_id,
        ImportRequested(import_id=import_id, lines=lines, at=at),
        origin,
        [beside],
        status="pending",
        key=key,
        size=len(body),
        lines=lines,
        offset=0,
        line=0,
        accepted=0,
        rejected=0,
        created_at=at.isoformat(),
        updated_at=at.isoformat(),
    )


def go_on(message: Message) -> None:
    """Take the next lines in. Done twice, or cut off and begun again, it makes no difference to what is there."""
    again_if_outrun(lambda: _step(message))


def _step(message: Message) -> None:
    run, import_id = bootstrap.imports().reached(message), message.subject
    origin = message.because(message.actor)  # who asked for the import
    try:
        some = list(islice(bootstrap.import_files().lines(run["key"], run["offset"]), AT_ONCE))
    except bootstrap.import_files().missing:
        failed = ImportFailed(import_id=import_id, reason="The file is gone.", at=message.time)
        bootstrap.imports().advance(run, failed, origin, status="failed", updated_at=message.time.isoformat())
        return
    accepted, errors = _take_in([line for line, _ in some], run["line"], message.time, origin)
    done = {
        "line": run["line"] + len(some),
        "offset": some[-1][1],
        "accepted": run["accepted"] + accepted,
        "rejected": run["rejected"] + len({error.line for error in errors}),
        "updated_at": message.time.isoformat(),
    }
    event: ImportAdvanced | ImportCompleted
    if done["offset"] < run["size"]:
        event, done["status"] = ImportAdvanced(import_id=import_id, line=done["line"], at=message.time), "running"
    else:
        counts = {"accepted": done["accepted"], "rejected": done["rejected"]}
        event, done["status"] = ImportCompleted(import_id=import_id, **counts, at=message.time), "completed"
    bootstrap.imports().advance(run, event, origin, _report(run, errors), **done)


def _report(run: Row, errors: list[LineError]) -> list[Write]:
    if not errors:
        return []
    row = {"pk": run["pk"], "sk": f"errors#{run['line']:07d}"}
    told = json.dumps([error.model_dump() for error in errors])
    lost = ConcurrentWrite("Another one has taken this step.")
    return [put(bootstrap.rows().table, {**row, "errors": told}, lost)]


def _take_in(lines: list[bytes], before: int, at: datetime, origin: Origin) -> tuple[int, list[LineError]]:
    """How many were accepted, and what is wrong with the others. Blank lines count as lines only."""
    accepted, errors = 0, list[LineError]()
    for number, line in enumerate(lines, before + 1):
        if not line.strip():
            continue
        try:
            _put_in(parse(line), at, origin)
            accepted += 1
        except (AlreadyDone, ConcurrentWrite):
            raise
        except (ValidationError, Malformed, Invalid, Conflict) as error:
            errors += faults(number, error)
    return accepted, errors


def _put_in(wanted: ProductRequest, at: datetime, origin: Origin) -> None:
    """Make it, or make it what the line says."""
    known = bootstrap.products().with_sku(wanted.sku)
    if known is None:
        command = CreateProduct(
            product_id=derived_id("prd", "import", wanted.sku),
            **{name: getattr(wanted, name) for name in ProductRequest.model_fields},
            fingerprint="import",
            at=at,
        )
        try:
            if bootstrap.products().handle(command, origin).events:
                return
        except SkuTaken:  # by someone who was faster
            pass
        known = bootstrap.products().with_sku(wanted.sku)
        if known is None:
            raise ConcurrentWrite("The SKU has just been taken. Try again.")
    revise = ReviseProduct(product_id=known.product_id, changes=changes(wanted, known), at=at)
    bootstrap.products().handle(revise, origin)
