"""What mails are built of, and how it looks: once as text, once as HTML, from the same blocks.

Blocks hold text. All of it is escaped on its way into HTML, and nothing else can get there.
"""

import re
from collections.abc import Iterable
from html import escape
from string import Template
from typing import Final, NamedTuple


class Link(NamedTuple):
    label: str
    url: str


class Details(NamedTuple):
    """Names with their values, such as the number of an order. Each is a line to copy from."""

    lines: tuple[tuple[str, str], ...]


class Item(NamedTuple):
    what: str
    cost: str
    note: str = ""  # beneath it, in small


class Bill(NamedTuple):
    """What was bought, and the sums below; the last one is the total."""

    items: tuple[Item, ...]
    sums: tuple[tuple[str, str], ...]


Block = str | Link | Details | Bill


class Frame(NamedTuple):
    """What is around the blocks."""

    locale: str
    shop: str
    subject: str
    footer: str
    unsubscribe: Link | None = None


class UnsafeLink(ValueError):
    """Neither http nor https: nothing that a mail of ours would link to."""


_PAGE: Final = Template("""\
<!doctype html>
<html lang="$locale"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light"><title>$subject</title></head>
<body style="margin:0;padding:0;background:#f1f1ee">
<div style="padding:32px 12px;background:#f1f1ee;color:#222;font:16px/1.55 -apple-system,'Segoe UI',Arial,sans-serif">
<div style="max-width:560px;margin:0 auto">
<p style="margin:0 0 12px;padding:0 4px;color:#1f5f4a;font-size:15px;font-weight:700;letter-spacing:.04em">$shop</p>
<div style="padding:32px 28px;background:#fff;border-radius:10px;border-top:4px solid #1f5f4a">
<h1 style="margin:0 0 20px;font-size:22px;line-height:1.3">$subject</h1>
$blocks
</div>
<p style="margin:16px 4px 0;color:#6b6b66;font-size:13px">$footer</p>
</div></div></body></html>
""")
_PARAGRAPH: Final = "margin:0 0 16px"
_BUTTON: Final = "display:inline-block;padding:12px 22px;border-radius:6px;background:#1f5f4a;color:#fff"
_TABLE: Final = "width:100%;margin:0 0 16px;border-collapse:collapse"
_CELL: Final = "padding:8px 0;border-bottom:1px solid #e4e4df;vertical-align:baseline"
_SUM: Final = "padding:4px 0;vertical-align:baseline"
_TOTAL: Final = "padding:10px 0 0;font-weight:700;font-size:18px;vertical-align:baseline"
_NUMBER: Final = "text-align:right;white-space:nowrap;padding-left:16px"
_SMALL: Final = "color:#6b6b66;font-size:13px"


def as_text(frame: Frame, blocks: Iterable[Block]) -> str:
    footer = [f"-- \n{frame.shop}\n{frame.footer}"]
    if frame.unsubscribe:
        footer.append(_text(frame.unsubscribe))
    return "\n\n".join([*map(_text, blocks), *footer]) + "\n"


def as_html(frame: Frame, blocks: Iterable[Block]) -> str:
    footer = escape(frame.footer)
    if frame.unsubscribe:
        footer += (
            f'<br><a href="{_href(frame.unsubscribe)}" style="color:#6b6b66">{escape(frame.unsubscribe.label)}</a>'
        )
    return _PAGE.substitute(
        locale=escape(frame.locale),
        shop=escape(frame.shop),
        subject=escape(frame.subject),
        blocks="\n".join(map(_html, blocks)),
        footer=footer,
    )


def one_line(text: str) -> str:
    """For headers: no line break, and no other control character, can end one and begin another."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).split(" "))


def _text(block: Block) -> str:
    match block:
        case Link(label, url):
            return f"{label}: {_checked(url)}"
        case Details(lines):
            return "\n".join(f"{label}: {value}" for label, value in lines)
        case Bill(items, sums):
            return _columns(
                [(f"{item.what} ({item.note})" if item.note else item.what, item.cost) for item in items], sums
            )
        case _:
            return block


def _columns(items: list[tuple[str, str]], sums: tuple[tuple[str, str], ...]) -> str:
    left, right = (max(len(line[side]) for line in (*items, *sums)) for side in (0, 1))
    rule = "-" * (left + right + 3)
    rows, below = ([f"{what:<{left}}   {cost:>{right}}" for what, cost in lines] for lines in (items, sums))
    return "\n".join([*rows, rule, *below[:-1], rule, below[-1]])


def _html(block: Block) -> str:
    match block:
        case Link(label, _):
            style = f"{_BUTTON};text-decoration:none;font-weight:600"
            return f'<p style="margin:8px 0 24px"><a href="{_href(block)}" style="{style}">{escape(label)}</a></p>'
        case Details(lines):
            return _table(
                f'<tr><td style="{_SUM};{_SMALL};padding-right:20px;width:1%;white-space:nowrap">{escape(label)}</td>'
                f'<td style="{_SUM};overflow-wrap:anywhere;word-break:break-word">{escape(value)}</td></tr>'
                for label, value in lines
            )
        case Bill(items, sums):
            *most, total = sums
            rows = [_row(_CELL, item.what, item.cost, item.note) for item in items]
            rows += [_row(_SUM, *one) for one in most]
            return _table([*rows, _row(_TOTAL, *total)])
        case _:
            return f'<p style="{_PARAGRAPH}">{escape(block)}</p>'


def _table(rows: Iterable[str]) -> str:
    return f'<table role="presentation" style="{_TABLE}">{"".join(rows)}</table>'


def _row(cell: str, what: str, cost: str, note: str = "") -> str:
    small = f'<br><span style="{_SMALL}">{escape(note)}</span>' if note else ""
    return f'<tr><td style="{cell}">{escape(what)}{small}</td><td style="{cell};{_NUMBER}">{escape(cost)}</td></tr>'


def _href(link: Link) -> str:
    return escape(_checked(link.url))


def _checked(url: str) -> str:
    if not re.match(r"https?://[^\s<>\"]+$", url):
        raise UnsafeLink("only http and https are linked to")
    return url
