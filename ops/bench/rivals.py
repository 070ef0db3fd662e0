"""The two servers beside ours in row 1, under the same uvicorn settings: `python -m ops.bench.rivals bare|orm`."""

from __future__ import annotations

import argparse
import uuid

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from ops.bench.form_model import EntryForm, ReceiptBody
from ops.bench.orm_way import orm_app


def bare_app() -> FastAPI:
    """FastAPI and Pydantic alone: the form is validated, nothing is stored."""
    app = FastAPI(openapi_url=None)

    @app.post("/v1/entries")
    async def submit(request: Request) -> Response:
        entry = EntryForm.model_validate_json(await request.body())
        receipt = ReceiptBody(id=str(uuid.uuid4()), state="accepted", worker_id=entry.fields.so_dinh_danh, version=1)
        return Response(receipt.model_dump_json(), status_code=201, media_type="application/json")

    @app.get("/readyz")
    async def ready() -> Response:
        return Response(b"{}", media_type="application/json")

    return app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=("bare", "orm"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    app = bare_app() if given.which == "bare" else orm_app(given.database)
    # The settings of gateway.cli.serve.
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main()
