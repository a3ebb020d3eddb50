"""Who the identity provider says somebody is: claims to a user with roles and boards, as the city has mapped them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review.models import Role, User, UserBoard, UserRole
from valfardsbrott.review.settings import ReviewSettings

Claims = Mapping[str, Any]


def of_claims(db: Session, claims: Claims, settings: ReviewSettings) -> User | None:
    """The user, made at the first sign-in; roles and boards are at each sign-in those of the claims.

    None for who has no role here, was shut out (not active), or has a subject that cannot be a user's. A known user
    whose roles are gone at the provider loses them here too.
    """
    subject, roles = claims.get("sub"), roles_of(claims, settings)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        return None
    user = db.scalar(select(User).where(User.subject == subject))
    if user is not None and (user.demo or not user.active):
        return None
    if user is None and not roles:
        return None
    user = user or User(subject=subject, name=subject)
    db.add(user)
    user.name = _name(claims, settings) or user.name
    _replace(user, roles, boards_of(claims, settings))
    db.flush()
    return user if roles else None


def roles_of(claims: Claims, settings: ReviewSettings) -> frozenset[Role]:
    """Roles by the city's map, or where it has none by their own names; what is not known is no role."""
    values = _values(claims, settings.oidc_roles_claim)
    if settings.oidc_role_map:
        values = [settings.oidc_role_map[value] for value in values if value in settings.oidc_role_map]
    known = {role.value for role in Role}
    return frozenset(Role(value) for value in values if value in known)


def boards_of(claims: Claims, settings: ReviewSettings) -> frozenset[str]:
    """Boards by the city's map, or where it has none by their own ids; ``*`` is every board."""
    values = _values(claims, settings.oidc_boards_claim)
    if settings.oidc_board_map:
        values = [settings.oidc_board_map[value] for value in values if value in settings.oidc_board_map]
    return frozenset(value for value in values if 0 < len(value) <= 64)


def _replace(user: User, roles: frozenset[Role], boards: frozenset[str]) -> None:
    """Only what differs is touched: a row that stays is not written anew."""
    user.role_rows = [row for row in user.role_rows if row.role in roles]
    user.role_rows += [UserRole(role=role) for role in sorted(roles - user.roles)]
    user.board_rows = [row for row in user.board_rows if row.board_id in boards]
    user.board_rows += [UserBoard(board_id=board) for board in sorted(boards - user.boards)]


def _name(claims: Claims, settings: ReviewSettings) -> str:
    found = claims.get(settings.oidc_name_claim)
    return found.strip()[:200] if isinstance(found, str) else ""


def _values(claims: Claims, name: str) -> list[str]:
    """A claim's texts, whether it is one or a list; ``a.b`` is b inside a where there is no claim of that whole name.

    >>> _values({"realm_access": {"roles": ["lead", 7]}}, "realm_access.roles")
    ['lead']
    """
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return [each for each in values if isinstance(each, str)]
