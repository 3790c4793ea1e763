"""The routes of identity over HTTP, a module per kind of caller: translate, hand over, answer. No rules here."""

from common.entrypoint.http import http_app

app = http_app()
