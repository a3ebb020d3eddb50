"""OpenID Connect: sign-in at the city's identity provider by authorization code with PKCE, and sign-out there.

OpenID Connect Core 1.0, Discovery 1.0 and RP-Initiated Logout 1.0; RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web.problems import Problem

#: What an id token may be signed with: a key that only the provider has. Never "none", never a shared secret.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"})
#: For so long what the provider tells of itself is good; keys are fetched anew at most this often.
_TOLD_FOR, _KEYS_EVERY = 3600.0, 30.0
_KINDS = ("RSA", "EC", "OKP")
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class SignInFailed(Problem):
    """The provider's answer was not to be trusted. ``reason`` is a code for the log; the visitor is not told it."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, "sign_in_failed")
        self.reason = reason


@dataclass(frozen=True)
class Begun:
    """A sign-in on its way, kept in the visitor's session on the server until the browser comes back."""

    state: str
    nonce: str
    verifier: str
    next: str


@dataclass(frozen=True)
class SignedIn:
    """``claims`` of the verified id token, with those of the userinfo endpoint; ``id_token`` for signing out."""

    claims: Mapping[str, Any]
    id_token: str


class Provider:
    """The identity provider. What it tells of itself and its keys are fetched when they are needed, and kept."""

    def __init__(self, settings: ReviewSettings, client: httpx.Client | None = None) -> None:
        self._settings = settings
        self._client = client or httpx.Client(timeout=10, headers={"accept": "application/json"})
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, Any]] | None = None

    def close(self) -> None:
        self._client.close()

    @property
    def redirect_uri(self) -> str:
        return f"{self._settings.url}/sign-in/back"

    def begin(self, to: str) -> tuple[str, Begun]:
        """The address to send the browser to, and what to remember until it is back."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        begun = Begun(state, nonce, verifier, to)
        more = {"acr_values": self._settings.oidc_acr} if self._settings.oidc_acr else {}
        address: str = prepare_grant_uri(
            self._told("authorization_endpoint"), self._settings.oidc_client_id, "code", self.redirect_uri,
            self._settings.oidc_scope, begun.state, nonce=begun.nonce, code_challenge_method="S256",
            code_challenge=create_s256_code_challenge(begun.verifier), **more,
        )  # fmt: skip
        return address, begun

    def finish(self, begun: Begun, code: str, issuer: str | None) -> SignedIn:
        """Redeem the code and verify the id token. ``issuer``: the answer's ``iss``, which must be the one we asked."""
        if issuer is None and self._about().get("authorization_response_iss_parameter_supported"):
            raise SignInFailed("no_issuer")
        if issuer is not None and issuer != self._settings.oidc_issuer:
            raise SignInFailed("issuer")
        token = self._redeem(code, begun.verifier)
        if not isinstance(token.get("id_token"), str):
            raise SignInFailed("no_id_token")
        claims = self.verified(token["id_token"], begun.nonce, token.get("access_token"))
        return SignedIn({**self._userinfo(token, claims["sub"]), **claims}, token["id_token"])

    def end(self, id_token: str) -> str | None:
        """Where the browser signs out of the provider too; None where the provider has no such page or is away."""
        try:
            endpoint = self._about().get("end_session_endpoint")
        except Problem:
            return None
        back = {
            "id_token_hint": id_token, "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": f"{self._settings.url}/sign-in",
        }  # fmt: skip
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(back)}" if endpoint else None

    def verified(self, id_token: str, nonce: str, access_token: str | None = None) -> dict[str, Any]:
        """The id token's claims: signed by the provider's key, from our issuer, for us, now, in answer to our nonce.

        Times may be ``oidc_leeway_seconds`` wrong. Raises SignInFailed with what did not hold.
        """
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            token = self._decoded(id_token)
            wanted = {
                "iss": {"essential": True, "value": self._settings.oidc_issuer},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
                "nonce": {"essential": True, "value": nonce},
            }
            if self._settings.oidc_acr:
                wanted["acr"] = {"essential": True, "values": self._settings.oidc_acr.split()}
            given = {"nonce": nonce, "client_id": self._settings.oidc_client_id, "access_token": access_token}
            claims = CodeIDToken(token.claims, token.header, wanted, given)
            claims.validate(leeway=self._settings.oidc_leeway_seconds)
        except (JoseError, ValueError, TypeError) as error:
            raise SignInFailed(f"id_token:{getattr(error, 'claim', None) or type(error).__name__}") from None
        return dict(claims)

    def _decoded(self, id_token: str) -> Any:
        """The token, its signature checked. A key that is not known may be new: then all are fetched again."""
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        told = self._about().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=sorted(ALGORITHMS & set(told)), strict_check_header=False)
        try:
            return jwt.decode(id_token, KeySet.import_key_set(self._key_set(fresh=False)), registry=registry)  # type: ignore[arg-type]
        except (InvalidKeyIdError, BadSignatureError):
            return jwt.decode(id_token, KeySet.import_key_set(self._key_set(fresh=True)), registry=registry)  # type: ignore[arg-type]

    def _redeem(self, code: str, verifier: str) -> dict[str, Any]:
        from authlib.oauth2.auth import ClientAuth

        secret = self._settings.oidc_client_secret
        ways = self._about().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        body = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }  # fmt: skip
        auth = ClientAuth(
            self._settings.oidc_client_id, secret.get_secret_value() if secret else "", way if secret else "none"
        )
        form = {"content-type": "application/x-www-form-urlencoded"}
        address, headers, content = auth.prepare("POST", self._told("token_endpoint"), form, urlencode(body))
        answer = self._asked("POST", address, headers=headers, content=content)
        if answer.status_code != 200:
            raise SignInFailed(f"token:{answer.status_code}")
        return _object(answer)

    def _userinfo(self, token: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """More claims, where the provider has them: of the same subject, or the answer is not to be trusted."""
        endpoint = self._about().get("userinfo_endpoint")
        if not endpoint or not token.get("access_token"):
            return {}
        answer = self._asked("GET", endpoint, headers={"authorization": f"Bearer {token['access_token']}"})
        if answer.status_code != 200:
            raise SignInFailed(f"userinfo:{answer.status_code}")
        claims = _object(answer)
        if claims.get("sub") != subject:
            raise SignInFailed("userinfo:sub")
        return claims

    # --- what the provider tells of itself ---------------------------------------------------------------------------

    def _told(self, name: str) -> str:
        return str(self._about()[name])

    def _about(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > _TOLD_FOR:
                self._metadata = time.monotonic(), self._discovered()
            return self._metadata[1]

    def _discovered(self) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer or ""
        answer = self._asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        about = _object(answer) if answer.status_code == 200 else {}
        if about.get("issuer") != issuer or not all(about.get(name) for name in _NEEDED):
            raise Problem(503, "provider")
        secure = urlsplit(issuer).scheme == "https"
        ours = [value for name, value in about.items() if name.endswith(("_endpoint", "jwks_uri"))]
        if secure and not all(str(address).startswith("https://") for address in ours):
            raise Problem(503, "provider")
        return about

    def _key_set(self, *, fresh: bool) -> dict[str, Any]:
        address = self._told("jwks_uri")
        with self._lock:
            age = time.monotonic() - self._keys[0] if self._keys else None
            if self._keys is None or (fresh and age is not None and age > _KEYS_EVERY):
                answer = self._asked("GET", address)
                if answer.status_code != 200:
                    raise Problem(503, "provider")
                keys = _object(answer).get("keys") or []
                signing = [key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") in _KINDS]
                self._keys = time.monotonic(), {"keys": signing}
            return self._keys[1]

    def _asked(self, method: str, address: str, **how: Any) -> httpx.Response:
        try:
            return self._client.request(method, address, **how)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Problem(503, "provider") from None


def kept(begun: Begun) -> dict[str, str]:
    """As it is kept in the session."""
    return asdict(begun)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        raise Problem(503, "provider") from None
    if not isinstance(found, dict):
        raise Problem(503, "provider")
    return found
