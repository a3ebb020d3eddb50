"""Every table of the case database. Import models from here: a mapper needs all of them to be known."""

from valfardsbrott.review.models.base import Base, utc_now
from valfardsbrott.review.models.cases import (
    OPEN_STATES,
    Case,
    CaseBoard,
    CaseEvent,
    CaseFlag,
    CaseLink,
    InnocenceCheck,
    Outcome,
    State,
)
from valfardsbrott.review.models.decisions import Approval, Decision, DecisionKind, DecisionStatus, SecondReview
from valfardsbrott.review.models.disclosure import Disclosure, DisclosureStatus, EvidencePack, Reidentification
from valfardsbrott.review.models.imported import (
    Board,
    ImportedRun,
    NetworkProvider,
    Provider,
    ProviderBoard,
    ProviderEvent,
)
from valfardsbrott.review.models.log import AuditEntry, LogReview, LogReviewItem
from valfardsbrott.review.models.people import (
    CasePurpose,
    Role,
    SignInAttempt,
    User,
    UserBoard,
    UserRole,
    WebSession,
)
from valfardsbrott.review.models.situation import PlanEntry, PlanStatus, PlanVersion, SituationEdition
from valfardsbrott.review.models.views import GraphLayout, GraphNote, SavedFilter
from valfardsbrott.review.models.work import CaseFile, Comment, Correction, Hearing, HearingKind, StoredFile, Task

__all__ = [
    "OPEN_STATES",
    "Approval",
    "AuditEntry",
    "Base",
    "Board",
    "Case",
    "CaseBoard",
    "CaseEvent",
    "CaseFile",
    "CaseFlag",
    "CaseLink",
    "CasePurpose",
    "Comment",
    "Correction",
    "Decision",
    "DecisionKind",
    "DecisionStatus",
    "Disclosure",
    "DisclosureStatus",
    "EvidencePack",
    "GraphLayout",
    "GraphNote",
    "Hearing",
    "HearingKind",
    "ImportedRun",
    "InnocenceCheck",
    "LogReview",
    "LogReviewItem",
    "NetworkProvider",
    "Outcome",
    "PlanEntry",
    "PlanStatus",
    "PlanVersion",
    "Provider",
    "ProviderBoard",
    "ProviderEvent",
    "Reidentification",
    "Role",
    "SavedFilter",
    "SecondReview",
    "SignInAttempt",
    "SituationEdition",
    "State",
    "StoredFile",
    "Task",
    "User",
    "UserBoard",
    "UserRole",
    "WebSession",
    "utc_now",
]
