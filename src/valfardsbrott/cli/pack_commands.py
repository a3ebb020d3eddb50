"""The commands about evidence packs: whether one is as it was signed, and the key that a city gives out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Check evidence packs.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The pack, as it was received.")],
    public_key: Annotated[
        Path | None, typer.Option("--key", help="The city's public key, got another way than with the pack.")
    ] = None,
) -> None:
    """Say whether anything in an evidence pack was changed, added or taken out since it was signed, and by whom.

    Example:  valfardsbrott pack verify 2026-0001.zip --key city.pem
    """
    from valfardsbrott.domain import Failure
    from valfardsbrott.review.pack.archive import verify as check
    from valfardsbrott.review.pack.signature import key_id

    verdict = check(_read(file), _read(public_key) if public_key else None)
    problems = list(verdict.problems)
    if verdict.known_key is False and public_key:
        problems.append(f"it was signed with {verdict.key_id}, not with {key_id(_read(public_key))} of {public_key}")
    if problems:
        raise Failure(f"{file} is not as it was signed: {'; '.join(problems)}", "Ask the city for the pack anew")
    typer.echo(f"{file}: nothing was changed. Case {verdict.manifest['case']}, run {verdict.manifest['run_id']}.")
    if public_key:
        typer.echo(f"Signed with the key {verdict.key_id} of {public_key}.")
    else:
        typer.echo(f"Signed with the key {verdict.key_id}; ask the city whether that is its own, or give --key.")
    if verdict.manifest.get("demo_key"):
        typer.echo("The key is a demonstration's: the pack proves nothing outside it.")


@app.command()
def key(
    private_key: Annotated[Path, typer.Argument(help="The private key (VALFARDSBROTT_PACK_KEY_FILE).")],
    out: Annotated[Path, typer.Option(help="File for the public key.")],
) -> None:
    """Write the public key that those who get packs check them with.

    Example:  valfardsbrott pack key /etc/valfardsbrott/pack.key --out city.pem
    """
    from valfardsbrott.review.pack.signature import signer

    signs = signer(private_key)
    out.write_bytes(signs.public_pem)
    typer.echo(f"{out}: the public key {signs.key_id}. Give its id on paper or by telephone as well.")


def _read(file: Path) -> bytes:
    from valfardsbrott.domain import Failure

    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(f"{file} cannot be read ({error.strerror})") from None
