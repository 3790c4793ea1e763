"""What the worker does: the next step of an import or a rebuild."""

from catalog.imports import use_cases as imports
from catalog.rebuild import use_cases as rebuild
from common.domain.message import Message


def work_on(message: Message) -> None:
    if message.type.startswith("Import"):
        imports.go_on(message)
    else:
        rebuild.go_on(message)
