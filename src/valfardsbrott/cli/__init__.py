"""The front door of the control unit: the command ``valfardsbrott``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valfardsbrott.domain import Failure


def main() -> int:
    """Run the command line and return its exit code (docs/reference.md lists them). Errors are one line on stderr."""
    import typer

    from valfardsbrott.cli.commands import app
    from valfardsbrott.domain import EXIT_OK, Failure

    try:
        code = typer.main.get_command(app).main(prog_name="valfardsbrott", standalone_mode=False)
    except typer.TyperException as error:
        return _tell(error.format_message(), "See valfardsbrott --help", error.exit_code)
    except Failure as error:
        return _tell(error.message, error.hint, error.exit_code)
    except Exception as error:
        failure = _unforeseen(error)
        return _tell(failure.message, failure.hint, failure.exit_code)
    return code if isinstance(code, int) else EXIT_OK


def _unforeseen(error: Exception) -> Failure:
    from platformdirs import user_log_path

    from valfardsbrott.stages.failures import as_failure

    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "start")
    return as_failure(error, user_log_path("valfardsbrott"), f"the command {command}")


def _tell(message: str, hint: str, exit_code: int) -> int:
    """One line: what is wrong, then what to do. Nothing where the help has already been shown."""
    if not message:
        return exit_code
    line = f"error: {message.rstrip('.')}. {hint}" if hint else f"error: {message}"
    sys.stderr.write(" ".join(line.split()) + "\n")
    return exit_code
