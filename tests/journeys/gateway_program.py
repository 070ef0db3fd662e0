"""The gateway as a process of its own, for tests: settings from the environment, listening until SIGTERM."""

from __future__ import annotations

import uvicorn

from gateway.app import build_app
from gateway.observability.logs import configure
from gateway.settings import Settings
from gateway.store import migrations
from gateway.wiring import build_house


def main() -> None:
    """Migrate, build, serve."""
    settings = Settings()
    configure(settings.log.format, settings.log.level)
    migrations.upgrade(settings.database.url)
    assert settings.http.token is not None, "a test knows the token that it will send"
    app = build_app(build_house(settings), settings, settings.http.token.get_secret_value())
    uvicorn.run(
        app,
        host=settings.http.host,
        port=settings.http.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=25,
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main()
