"""/_ebl/docs: what there is to call, as one page that needs nothing from the network.

FastAPI's own page loads its scripts from the internet; this server starts on a plane.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from emulator.app import Emulator

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "code{font:14px ui-monospace,monospace}h2{font-size:1rem;margin:2rem 0 .3rem}p{margin:.2rem 0}"
    "td{padding:.1rem 1rem .1rem 0;vertical-align:top}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}a{color:#8bf}}"
)


def add_docs(routes: FastAPI, emulator: Emulator) -> None:
    @routes.get("/_ebl/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(routes.openapi()))


def page(schema: dict[str, Any]) -> str:
    """The page for an OpenAPI schema."""
    title = escape(schema["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title} {escape(schema['info']['version'])}</h1>"
        "<p>AWS's own APIs are at the root: point an SDK here. Beside them, under <code>/_ebl</code>"
        ' (as OpenAPI: <a href="/_ebl/openapi.json">openapi.json</a>):</p>'
        f"{''.join(_operations(schema['paths']))}</html>"
    )


def _operations(paths: dict[str, Any]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            link = (
                f'<a href="{escape(path)}">{escape(where)}</a>'
                if method == "get" and "{" not in path
                else escape(where)
            )
            yield f"<h2><code>{link}</code></h2><p>{escape(operation.get('description', ''))}</p>"
            rows = "".join(_parameter(parameter) for parameter in operation.get("parameters", ()))
            yield f"<table>{rows}</table>" if rows else ""


def _parameter(parameter: dict[str, Any]) -> str:
    shape = parameter.get("schema", {})
    kind = shape.get("type") or " or ".join(part.get("type", "") for part in shape.get("anyOf", ()))
    default = f", default {shape['default']}" if shape.get("default") is not None else ""
    text = parameter.get("description") or shape.get("description") or ""
    return f"<tr><td><code>{escape(parameter['name'])}</code><td>{escape(kind + default)}<td>{escape(text)}</tr>"
