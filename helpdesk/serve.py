"""`bin/run`: starts everything that an installation needs on one machine, keeps it running, and stops it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from helpdesk.config import Settings, StartError
from helpdesk.installation import Installation


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; returns the exit code. What cannot work is said in a sentence on stderr."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    options = _parser().parse_args(arguments)
    try:
        Installation(Settings.load(_environ(options, os.environ)), options.demo).run()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/run", description="Start Temas. Ctrl-C stops it.", epilog="More settings: docs/configuration.md"
    )
    parser.add_argument("--port", help="port to listen on (8000)")
    parser.add_argument("--host", help="address to listen on (127.0.0.1; 0.0.0.0 for everybody)")
    parser.add_argument("--data", help="folder for everything that is kept (var)")
    parser.add_argument("--demo", action="store_true", help="fill an empty database with a small company")
    return parser


def _environ(options: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, str]:
    given = {"TEMAS_PORT": options.port, "TEMAS_HOST": options.host}
    if options.data:
        given["TEMAS_DATA"] = str(Path(options.data).expanduser().absolute())
    return dict(environ) | {name: value for name, value in given.items() if value is not None}


if __name__ == "__main__":
    sys.exit(main())
