"""Structured logs: one JSON object a line, to a file or to stderr, from our own code and from libraries alike."""

import logging
import sys
from logging.handlers import WatchedFileHandler
from types import TracebackType

import structlog

from helpdesk.config import Settings
from helpdesk.redact import redact_event

NOISY = ("werkzeug", "rq", "rq.worker", "rq.cron", "engineio", "socketio", "alembic")
process_name = "temas"


def _add_process(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["process"] = process_name
    return event


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    _add_process,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(settings: Settings, process: str) -> None:
    """Send everything that this process logs to where the settings say; `process` names it in each line."""
    level = getattr(logging, settings.log_level.upper())
    root = logging.getLogger()
    root.handlers[:] = [_handler(settings)]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    name_process(process)
    sys.excepthook = _log_crash


def name_process(name: str) -> None:
    """Name this process, a fork perhaps, in every line that it logs from now on."""
    global process_name
    process_name = name


def _handler(settings: Settings) -> logging.Handler:
    handler: logging.Handler = logging.StreamHandler()
    if settings.log_file:
        settings.log_file.parent.mkdir(parents=True, exist_ok=True)
        handler = WatchedFileHandler(settings.log_file, encoding="utf-8")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*SHARED, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    return handler


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("temas").critical("crashed", exc_info=(kind, error, trace))
