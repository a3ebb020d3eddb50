"""What a city may set of the review application, by the environment (VALFARDSBROTT_*): docs/operations.md."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from valfardsbrott.domain import EXIT_USAGE, Failure


class ReviewSettings(BaseSettings):
    """Field names are the environment variables' names in lower case, without the prefix."""

    model_config = SettingsConfigDict(env_prefix="VALFARDSBROTT_", frozen=True, extra="ignore")

    out: Path = Field(default=Path("runs"), description="Folder with the published months")
    profile: Literal["demo", "production"] = Field(
        default="demo", description="production refuses demo users and needs an identity provider"
    )
    database_url: SecretStr | None = Field(
        default=None, description="Case database; default: SQLite in .review in the out folder"
    )
    store: Path | None = Field(default=None, description="Working store of the runs; default: .store in the out folder")
    files: Path | None = Field(default=None, description="Folder of case files; default: .review/files in out")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8080, ge=1, le=65535, description="Port to listen on")
    public_url: str | None = Field(default=None, description="Address that browsers use, https; default: host and port")
    language: Literal["sv", "en"] = Field(default="sv", description="Language until a user chooses another")
    idle_minutes: int = Field(default=30, ge=1, description="A session ends after so long without a page")
    session_hours: int = Field(default=10, ge=1, description="A session ends after so long, whatever happens")
    purpose_days: int = Field(default=730, ge=180, description="So long a session's stated purposes are kept")
    lock_minutes: int = Field(default=30, ge=1, description="A taken case is its taker's alone for so long")
    deadline_days: int = Field(default=30, ge=1, description="Days from the hit to a new case's deadline")
    upload_mb: int = Field(default=25, ge=1, description="Largest file that may be uploaded")
    sign_in_limit: int = Field(default=10, ge=1, description="Attempts to sign in from one place in ten minutes")
    deliveries: Path | None = Field(
        default=None, description="Folder of deliveries, read with the pseudonyms' key to see who one pseudonym is"
    )
    reidentify_hours: int = Field(default=4, ge=1, le=72, description="So long an approved pseudonym may be looked at")
    pack_key_file: Path | None = Field(
        default=None, description="Ed25519 key (PEM) that signs evidence packs; the demo makes its own"
    )
    statutes_folder: Path | None = Field(default=None, description="A city's own statute data; same id replaces ours")
    situation: Path | None = Field(
        default=None, description="The city's names, logo, texts and map in the situational picture: situation.yaml"
    )
    oidc_issuer: str | None = Field(default=None, description="The identity provider's address")
    oidc_client_id: str = Field(default="valfardsbrott", description="This application's name at the identity provider")
    oidc_client_secret: SecretStr | None = Field(default=None, description="Its secret there")
    oidc_scope: str = Field(default="openid profile", description="What is asked of it; openid is needed")
    oidc_name_claim: str = Field(default="name", description="Claim with the name to show")
    oidc_roles_claim: str = Field(default="roles", description="Claim that lists a user's roles")
    oidc_role_map: dict[str, Literal["lead", "investigator", "data_scientist", "auditor", "administrator"]] = Field(
        default={}, description="Value of that claim -> role, as JSON; empty: the values are the roles' names"
    )
    oidc_boards_claim: str = Field(default="boards", description="Claim that lists a user's boards; * for all")
    oidc_board_map: dict[str, str] = Field(default={}, description="Value of that claim -> board, as JSON, likewise")
    oidc_acr: str | None = Field(
        default=None, description="Ways to sign in that are good enough (acr), by blanks; e.g. those with two factors"
    )
    oidc_leeway_seconds: int = Field(default=60, ge=0, le=300, description="How far its clock may be from ours")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that answer; one for each core")
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for /metrics; without one only the demo shows them, on this machine"
    )
    log_format: Literal["json", "text"] = Field(default="json", description="Form of the log lines")

    @property
    def database(self) -> str:
        """The address of the case database; may hold a password, so it is never shown."""
        return self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.folder / 'cases.db'}"

    @property
    def folder(self) -> Path:
        """Where the application keeps what is its own."""
        return self.out / ".review"

    @property
    def store_folder(self) -> Path:
        """The working store that the published months were made from."""
        return self.store if self.store is not None else self.out / ".store"

    @property
    def files_folder(self) -> Path:
        return self.files if self.files is not None else self.folder / "files"

    @property
    def url(self) -> str:
        """The address that browsers use, without a closing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def https(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def demo(self) -> bool:
        return self.profile == "demo"

    def session_limits(self) -> tuple[dt.timedelta, dt.timedelta]:
        """How long a session may be idle, and how old it may be."""
        return dt.timedelta(minutes=self.idle_minutes), dt.timedelta(hours=self.session_hours)

    def check(self) -> None:
        """Failure where the settings would let somebody in who has not signed in, or send cookies in clear."""
        if self.demo and not is_loopback(self.host):
            raise Failure(
                "the demo's users need no password, so it listens on this machine only",
                "Use --host 127.0.0.1, or VALFARDSBROTT_PROFILE=production with an identity provider",
                EXIT_USAGE,
            )
        if not self.demo and not self.oidc_issuer:
            raise Failure(
                "production needs an identity provider",
                "Set VALFARDSBROTT_OIDC_ISSUER; see docs/operations.md",
                EXIT_USAGE,
            )
        if self.oidc_issuer and not _safe_issuer(self.oidc_issuer):
            raise Failure("the identity provider's address is not https", "See docs/operations.md", EXIT_USAGE)
        if not self.demo and not self.https:
            raise Failure(
                "production needs an https address", "Set VALFARDSBROTT_PUBLIC_URL to what browsers use", EXIT_USAGE
            )


def _safe_issuer(issuer: str) -> bool:
    """https, or on this machine for tests."""
    parts = urlsplit(issuer)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    """Whether an address or host name is this machine's own and nobody else's; brackets and ``localhost`` too."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
