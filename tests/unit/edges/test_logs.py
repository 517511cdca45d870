"""Log lines: one JSON object each, or one readable line each."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from flowd.edges.logs import set_up_logging


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    """Put the loggers back as they were."""
    root, ours = logging.getLogger(), logging.getLogger("flowd")
    before = (root.handlers[:], root.level, ours.level)
    yield
    root.handlers[:], root.level, ours.level = before[0], before[1], before[2]
    logging.captureWarnings(capture=False)


def test_json_lines_carry_fields_and_traceback_on_one_line() -> None:
    out = io.StringIO()
    set_up_logging("json", "info", out)
    logger = logging.getLogger("flowd.engine")
    try:
        raise RuntimeError("no\nway")
    except RuntimeError:
        logger.exception("run %s failed", 7, extra={"connection": "salary"})
    logger.debug("not shown")
    (line,) = out.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("error", "flowd.engine", "run 7 failed")
    assert said["connection"] == "salary"
    assert "RuntimeError: no\nway" in said["traceback"]
    assert said["at"].endswith("+00:00")


def test_text_lines_name_the_level_only_where_it_matters() -> None:
    out = io.StringIO()
    set_up_logging("text", "debug", out)
    logger = logging.getLogger("flowd")
    logger.info("all well")
    logger.warning("less well")
    first, second = out.getvalue().splitlines()
    assert first.endswith("  all well")
    assert "info" not in first
    assert second.endswith("  warning: less well")


def test_libraries_are_heard_from_warnings_on() -> None:
    out = io.StringIO()
    set_up_logging("text", "debug", out)
    logging.getLogger("httpx").info("GET https://example.org/?key=1")
    logging.getLogger("httpx").warning("odd")
    assert out.getvalue().count("\n") == 1
