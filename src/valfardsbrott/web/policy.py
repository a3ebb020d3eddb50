"""Who may reach which page: one table, from which the checks, the menu and the tests are derived.

Every route has a row under its name; the application does not start with a route that has none, or a row without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from sqlalchemy.orm import Session

from valfardsbrott.review import visibility
from valfardsbrott.review.models import Role

#: What a row is about. "nothing" is neither personal nor case data, and is not logged.
Object = Literal["case", "provider", "network", "cases", "figures", "log", "users", "operation", "nothing"]

EVERYBODY = frozenset(Role)
WORKERS = frozenset({Role.LEAD, Role.INVESTIGATOR})
LEAD = frozenset({Role.LEAD})
AUDITOR = frozenset({Role.AUDITOR})
ADMIN = frozenset({Role.ADMIN})
#: Those who may read what has been summed up without persons.
READERS = WORKERS | {Role.SCIENTIST, Role.AUDITOR}
SCIENTIST = frozenset({Role.SCIENTIST})
#: For who has not signed in too.
ANYBODY: frozenset[Role] = frozenset()

#: Objects that belong to boards: the path's parameter that names one, and how its boards are found.
SCOPED: Mapping[str, tuple[str, Callable[[Session, str], frozenset[str] | None]]] = {
    "case": ("case_id", visibility.boards_of_case),
    "provider": ("org_number", visibility.boards_of_provider),
    "network": ("network_id", visibility.boards_of_network),
}


@dataclass(frozen=True)
class Rule:
    """What a route asks of who comes: one of ``roles`` (none: anybody at all), and to see the board of an object.

    ``action`` is what the audit log calls it. ``purpose``: a case is opened with a stated purpose first; without it the
    visitor is asked for one.
    """

    roles: frozenset[Role]
    object: Object = "nothing"
    action: str = "read"
    purpose: bool = True

    @property
    def needs_purpose(self) -> bool:
        return self.purpose and self.object == "case"


POLICY: dict[str, Rule] = {
    # signing in, language, the way in
    "start": Rule(EVERYBODY),
    "sign_in": Rule(ANYBODY),
    "demo_sign_in": Rule(ANYBODY, action="sign_in"),
    "sign_in_begin": Rule(ANYBODY, action="sign_in"),
    "sign_in_back": Rule(ANYBODY, action="sign_in"),
    "sign_out": Rule(EVERYBODY, action="sign_out"),
    "set_language": Rule(ANYBODY, action="set_language"),
    "about": Rule(ANYBODY),
    # the inbox
    "inbox": Rule(WORKERS, "cases"),
    "inbox_take": Rule(WORKERS, "cases", "take"),
    "inbox_bulk": Rule(WORKERS, "cases", "assign"),
    "inbox_filter_save": Rule(WORKERS, action="save_filter"),
    "inbox_filter_delete": Rule(WORKERS, action="delete_filter"),
    "changes": Rule(WORKERS, "cases"),
    # the lead's page
    "lead": Rule(LEAD, "figures"),
    "lead_csv": Rule(LEAD, "figures", "export"),
    # a case
    "case_open": Rule(WORKERS, "case", "open", purpose=False),
    "case_state_purpose": Rule(WORKERS, "case", "open", purpose=False),
    "case": Rule(WORKERS, "case"),
    "case_assign": Rule(WORKERS, "case", "assign"),
    "case_snooze": Rule(WORKERS, "case", "snooze"),
    "case_release": Rule(WORKERS, "case", "release"),
    "case_deadline": Rule(WORKERS, "case", "set_deadline"),
    # towards a decision
    "case_move": Rule(WORKERS, "case", "move"),
    "case_innocence": Rule(WORKERS, "case", "check_innocence"),
    "case_decide_form": Rule(WORKERS, "case"),
    "case_decide": Rule(WORKERS, "case", "decide"),
    "case_approve": Rule(WORKERS, "case", "approve"),
    "case_withdraw": Rule(WORKERS, "case", "withdraw"),
    "case_reverse": Rule(WORKERS, "case", "reverse"),
    "case_merge": Rule(WORKERS, "case", "merge"),
    "case_take_apart": Rule(WORKERS, "case", "take_apart"),
    "case_split": Rule(WORKERS, "case", "split"),
    "second_reviews": Rule(WORKERS, "cases"),
    "case_second_review_form": Rule(WORKERS, "case"),
    "case_second_review": Rule(WORKERS, "case", "second_review"),
    # the work on a case
    "case_work": Rule(WORKERS, "case"),
    "case_comment": Rule(WORKERS, "case", "comment"),
    "case_task": Rule(WORKERS, "case", "add_task"),
    "case_task_done": Rule(WORKERS, "case", "finish_task"),
    "case_file_add": Rule(WORKERS, "case", "add_file"),
    "case_file": Rule(WORKERS, "case", "export"),
    "case_file_remove": Rule(WORKERS, "case", "remove_file"),
    "case_hearing": Rule(WORKERS, "case", "hear"),
    "case_correct": Rule(WORKERS, "case", "correct"),
    "case_correction_answer": Rule(WORKERS, "case", "answer_correction"),
    # a provider
    "provider": Rule(WORKERS, "provider"),
    "provider_rows": Rule(WORKERS, "provider"),
    "provider_rows_csv": Rule(WORKERS, "provider", "export"),
    # a network
    "network": Rule(WORKERS, "network"),
    "network_picture": Rule(WORKERS, "network"),
    "network_file": Rule(WORKERS, "network", "export"),
    "network_link": Rule(WORKERS, "network"),
    "network_layout": Rule(WORKERS, "network", "keep_layout"),
    "network_note": Rule(WORKERS, "network", "note"),
    "network_note_remove": Rule(WORKERS, "network", "remove_note"),
    # who one pseudonym is
    "case_persons": Rule(WORKERS, "case"),
    "case_person_ask": Rule(WORKERS, "case", "reidentify_ask"),
    "case_person_answer": Rule(WORKERS, "case", "reidentify_answer"),
    "case_person_look": Rule(WORKERS, "case", "reidentify"),
    # the audit log
    "log": Rule(AUDITOR, "log"),
    "log_export": Rule(AUDITOR, "log", "export"),
    "log_verify": Rule(AUDITOR, "log"),
    "log_reviews": Rule(AUDITOR, "log"),
    "log_review": Rule(AUDITOR, "log"),
    "log_review_draw": Rule(AUDITOR, "log", "draw_log_review"),
    "log_review_judge": Rule(AUDITOR, "log", "judge_log"),
    "log_review_sign": Rule(AUDITOR, "log", "sign_log_review"),
    # handing data over
    "case_disclosures": Rule(WORKERS, "case"),
    "case_disclose": Rule(WORKERS, "case", "propose_disclosure"),
    "disclosure_approve": Rule(WORKERS, "case", "approve_disclosure"),
    "disclosure_pack": Rule(WORKERS, "case", "make_pack"),
    "disclosure_pack_file": Rule(WORKERS, "case", "export"),
    "disclosure_sent": Rule(WORKERS, "case", "record_sent"),
    "disclosure_answer": Rule(WORKERS, "case", "record_answer"),
    # the situational picture and the plan
    "situation": Rule(READERS, "figures"),
    "situation_make": Rule(LEAD, "figures", "make_situation"),
    "situation_edition": Rule(READERS, "figures"),
    "situation_file": Rule(READERS, "figures", "export"),
    "situation_work": Rule(WORKERS, "figures"),
    "plan": Rule(READERS, "figures"),
    "plan_new": Rule(WORKERS, "figures"),
    "plan_propose": Rule(WORKERS, "figures", "propose_plan"),
    "plan_entry": Rule(READERS, "figures"),
    "plan_revise": Rule(WORKERS, "figures", "propose_plan"),
    "plan_decide": Rule(LEAD, "figures", "decide_plan"),
}

#: The menu: route and its text in the locales; each is shown to those who may go there.
MENU: tuple[tuple[str, str], ...] = (
    ("inbox", "menu.inbox"),
    ("changes", "menu.changes"),
    ("second_reviews", "merging.second_title"),
    ("lead", "menu.lead"),
    ("situation", "menu.situation"),
    ("log", "menu.log"),
    ("log_reviews", "menu.log_reviews"),
)


def check(app: FastAPI) -> None:
    """Stop the start where a route has no row, a row no route, or an object's parameter is left unguarded."""
    routes = {str(route.name): route for route in api_routes(app)}
    without = sorted(set(routes) - set(POLICY))
    beyond = sorted(set(POLICY) - set(routes))
    if without or beyond:
        raise LookupError(f"web/policy.py: no row for {without}, no route for {beyond}")
    for name, route in routes.items():
        named = {kind for kind, (parameter, _) in SCOPED.items() if parameter in route.param_convertors}
        expected = {POLICY[name].object} & set(SCOPED)
        if named != expected:
            raise LookupError(f"web/policy.py: {route.path} names {sorted(named)}, its row says {sorted(expected)}")


def api_routes(app: FastAPI) -> list[RouteContext]:
    """Every route that a rule guards: all but static files."""
    return [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]
