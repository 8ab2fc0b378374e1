"""Serves the page's files; everything they show comes over the control API."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"


async def _serve(request: web.Request) -> web.StreamResponse:
    name = request.match_info.get("name", "index.html")
    file = STATIC / name
    if not file.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(file, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


def page_routes() -> list[web.RouteDef]:
    return [web.get("/", _serve), web.get(r"/{name:[\w-]+\.(?:css|js|svg|html)}", _serve)]
