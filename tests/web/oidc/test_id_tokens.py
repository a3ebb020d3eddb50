"""Id tokens that must not be believed: by whom they are signed, from whom, for whom, when, in answer to what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from valfardsbrott.review.accounts import boards_of, roles_of
from valfardsbrott.review.models import Role
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web import oidc
from valfardsbrott.web.problems import Problem

ISSUER, NONCE = "https://id.example", "the nonce of the request"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
NEW_KEY = ECKey.generate_key("P-256", {"kid": "new", "use": "sig"})


def settings(**given: Any) -> ReviewSettings:
    return ReviewSettings(profile="production", public_url="https://granskning.example", oidc_issuer=ISSUER, **given)


class Served:
    """What the provider answers with; ``keys`` and ``about`` may be changed by a test."""

    def __init__(self) -> None:
        self.keys: list[Any] = [KEY]
        self.about: dict[str, Any] = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/auth", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys", "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }  # fmt: skip

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/keys":
            return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))
        return httpx.Response(200, json=self.about)


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def provider(served: Served) -> Iterator[oidc.Provider]:
    made = oidc.Provider(settings(), httpx.Client(transport=httpx.MockTransport(served.answer)))
    yield made
    made.close()


def token(key: Any = KEY, alg: str = "RS256", **changed: Any) -> str:
    """An id token as it should be but for what is ``changed``; None takes a claim away."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "astrid", "aud": "valfardsbrott", "iat": now, "exp": now + 300, "nonce": NONCE}
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    header = {"alg": alg, "kid": key.kid} if key.kid else {"alg": alg}
    return jwt.encode(header, claims, key, registry=JWSRegistry(algorithms=[alg]))


def test_a_token_as_it_should_be_is_believed(provider: oidc.Provider) -> None:
    assert provider.verified(token(), NONCE)["sub"] == "astrid"
    assert provider.verified(token(aud=["valfardsbrott"]), NONCE)["sub"] == "astrid"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"sub": None},
        {"nonce": "another"}, {"nonce": None}, {"exp": None}, {"iat": None},
        {"aud": ["valfardsbrott", "another"], "azp": "another"},
    ],
    ids=str,
)  # fmt: skip
def test_issuer_audience_nonce_and_times_are_looked_at(provider: oidc.Provider, changed: dict[str, Any]) -> None:
    with pytest.raises(oidc.SignInFailed):
        provider.verified(token(**changed), NONCE)


@pytest.mark.parametrize(("seconds", "good"), [(-30, True), (-90, False)])
def test_a_clock_may_be_a_minute_wrong(provider: oidc.Provider, seconds: int, good: bool) -> None:
    """Expired a while ago, or made a while from now."""
    now = int(time.time())
    wrong: list[dict[str, Any]] = [{"exp": now + seconds}, {"iat": now - seconds}]
    for off in wrong:
        if good:
            assert provider.verified(token(**off), NONCE)
        else:
            with pytest.raises(oidc.SignInFailed):
                provider.verified(token(**off), NONCE)


def test_a_signature_of_another_is_not_believed(provider: oidc.Provider) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    header, claims, signature = token().split(".")
    unsigned = "eyJhbGciOiJub25lIn0." + claims + "."
    shared = token(OctKey.import_key("a secret that the client has too, 32"), "HS256")
    for forged in (token(stranger), f"{header}.{claims}.{signature[:-4]}AAAA", unsigned, shared, "", "x"):
        with pytest.raises(oidc.SignInFailed):
            provider.verified(forged, NONCE)


def test_a_new_key_of_the_provider_is_found(
    provider: oidc.Provider, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert provider.verified(token(), NONCE)
    served.keys = [NEW_KEY]
    with pytest.raises(oidc.SignInFailed):  # keys were fetched just now: nobody makes us ask again and again
        provider.verified(token(NEW_KEY, "ES256"), NONCE)
    monkeypatch.setattr(oidc, "_KEYS_EVERY", 0.0)
    assert provider.verified(token(NEW_KEY, "ES256"), NONCE)
    with pytest.raises(oidc.SignInFailed):
        provider.verified(token(), NONCE)


def test_a_way_of_signing_in_may_be_demanded(served: Served) -> None:
    strict = settings(oidc_acr="loa3 loa4")
    provider = oidc.Provider(strict, httpx.Client(transport=httpx.MockTransport(served.answer)))
    assert "acr_values=loa3+loa4" in provider.begin("/")[0]
    assert provider.verified(token(acr="loa4"), NONCE)
    for acr in ("loa2", None):
        with pytest.raises(oidc.SignInFailed):
            provider.verified(token(acr=acr), NONCE)
    provider.close()


@pytest.mark.parametrize(
    "about", [{"issuer": "https://evil.example"}, {"jwks_uri": None}, {"token_endpoint": "http://id.example/token"}]
)
def test_a_provider_that_tells_of_another_is_not_asked(
    provider: oidc.Provider, served: Served, about: dict[str, Any]
) -> None:
    served.about |= about
    with pytest.raises(Problem):
        provider.begin("/")


@pytest.mark.parametrize(
    ("claims", "given", "roles", "boards"),
    [
        ({"roles": ["lead", "unknown"], "boards": "N01"}, {}, {Role.LEAD}, {"N01"}),
        ({"roles": "auditor"}, {}, {Role.AUDITOR}, set()),
        ({"roles": ["lead"]}, {"oidc_role_map": {"VB-Ledare": "lead"}}, set(), set()),
        ({"realm_access": {"roles": ["lead"]}}, {"oidc_roles_claim": "realm_access.roles"}, {Role.LEAD}, set()),
        ({"https://id.example/r": ["lead"]}, {"oidc_roles_claim": "https://id.example/r"}, {Role.LEAD}, set()),
        ({"boards": ["Nord", "*"]}, {"oidc_board_map": {"Nord": "N01"}}, set(), {"N01"}),
        ({"roles": {"lead": True}, "boards": 7}, {}, set(), set()),
        ({"roles": [None, 7, ["lead"]]}, {}, set(), set()),
        ({}, {}, set(), set()),
    ],
)
def test_claims_are_roles_and_boards_as_the_city_maps_them(
    claims: dict[str, Any], given: dict[str, Any], roles: set[Role], boards: set[str]
) -> None:
    assert roles_of(claims, settings(**given)) == roles
    assert boards_of(claims, settings(**given)) == boards
