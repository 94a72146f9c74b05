"""How a role logs: JSON or text on standard error, one line an event."""
import logging
import sys
from typing import Any, TextIO, cast

import structlog


class _StandardError:
    """Standard error as it is when a line is written: a stream kept from before may have been closed since."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_logs(level: str, form: str) -> None:
    """For this process; also what the libraries and the store say through `logging`."""
    number, stream = logging.getLevelNamesMapping()[level.upper()], _StandardError()
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info, renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, stream)), cache_logger_on_first_use=True,
    )  # fmt: skip
    logging.basicConfig(level=number, stream=stream, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    for noisy in ("aiosipua", "alembic"):  # one warns for each odd packet, which any stranger can send; one tells of each look
        logging.getLogger(noisy).setLevel(logging.ERROR)
