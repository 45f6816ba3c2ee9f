"""Serves the workload as the environment says, by the gateway's own server: see `benchmarks/serve-jsonplaceholder`."""

import os
import sys

from benchmarks.jsonplaceholder.app import create_app
from connectors.connector import ConfigurationError
from server import serving
from server.settings import read_settings


def main() -> None:
    try:
        settings = read_settings(os.environ)
        port, workers = int(os.environ.get("PORT") or 8000), int(os.environ.get("WORKERS") or 1)
        serving.serve(create_app, host=settings.host, port=port, workers=workers)
    except ConfigurationError as error:
        sys.exit(f"serve-jsonplaceholder: {error}")


if __name__ == "__main__":
    main()
