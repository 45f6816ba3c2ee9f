"""Serves the workload as the environment says: see `benchmarks/serve-jsonplaceholder`."""

import os
import sys

import uvicorn

from benchmarks.jsonplaceholder.app import create_app
from connectors.connector import ConfigurationError
from server.settings import read_settings


def main() -> None:
    try:
        settings = read_settings(os.environ)
        create_app(os.environ)
    except ConfigurationError as error:
        sys.exit(f"serve-jsonplaceholder: {error}")
    uvicorn.run(
        "benchmarks.jsonplaceholder.app:create_app",
        factory=True,
        host=settings.host,
        port=int(os.environ.get("PORT") or 8000),
        workers=int(os.environ.get("WORKERS") or 1),
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
