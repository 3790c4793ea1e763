"""What mails are built of, and how it looks: once as text, once as HTML, from the same blocks."""

from collections.abc import Callable
from html import escape
from string import Template
from typing import Final, NamedTuple


class Link(NamedTuple):
    label: str
    url: str


class Code(NamedTuple):
    """Something to copy."""

    label: str
    value: str


class Bill(NamedTuple):
    """Lines with what they cost; the last one is the sum."""

    lines: tuple[tuple[str, str], ...]


Block = str | Link | Code | Bill

PAGE: Final = Template("""\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>$subject</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f4f2;color:#222;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:540px;margin:0 auto;padding:32px;background:#fff;border-radius:8px">
<h1 style="margin:0 0 16px;font-size:21px">$subject</h1>
$blocks
<p style="margin:32px 0 0;color:#777;font-size:13px">$footer</p>
</div></body></html>
""")
FOOTER: Final = "You get this mail because your address was used in our shop."
BUTTON: Final = "display:inline-block;padding:10px 20px;border-radius:6px;background:#1f5f4a;color:#fff"
CODE: Final = "padding:2px 6px;background:#f4f4f2;border-radius:4px;word-break:break-all"


def as_text(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join([*map(_text, blocks), f"-- \n{FOOTER}"]) + "\n"


def as_html(subject: str, blocks: tuple[Block, ...]) -> str:
    return PAGE.substitute(subject=escape(subject), blocks="\n".join(map(_html, blocks)), footer=escape(FOOTER))


def _text(block: Block) -> str:
    match block:
        case Link(label, url) | Code(label, url):
            return f"{label}: {url}"
        case Bill(lines):
            left, right = (max(len(line[side]) for line in lines) for side in (0, 1))
            *most, total = (f"{what:<{left}}   {cost:>{right}}" for what, cost in lines)
            return "\n".join([*most, "-" * (left + right + 3), total])
        case _:
            return block


def _html(block: Block) -> str:
    match block:
        case Link(label, url):
            return f'<p><a href="{escape(url)}" style="{BUTTON};text-decoration:none">{escape(label)}</a></p>'
        case Code(label, value):
            return f'<p>{escape(label)}: <code style="{CODE}">{escape(value)}</code></p>'
        case Bill(lines):
            *most, total = lines
            rows = [_row(line, lambda text: text) for line in most]
            rows.append(_row(total, lambda text: f"<strong>{text}</strong>"))
            return f'<table style="width:100%;border-collapse:collapse">{"".join(rows)}</table>'
        case _:
            return f"<p>{escape(block)}</p>"


def _row(line: tuple[str, str], accent: Callable[[str], str]) -> str:
    what, cost = map(accent, map(escape, line))
    cell = "padding:6px 0;border-bottom:1px solid #e6e6e3"
    return f'<tr><td style="{cell}">{what}</td><td style="{cell};text-align:right;white-space:nowrap">{cost}</td></tr>'
