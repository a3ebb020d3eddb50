"""The pages, one router a file; the tuple is what there is. Each route's name has a row in `web.policy`."""

from valfardsbrott.web.routers import (
    case,
    case_open,
    changes,
    decision,
    disclosure,
    inbox,
    lead,
    log,
    merging,
    network,
    oidc,
    persons,
    provider,
    sign_in,
    work,
)

ROUTERS = (
    sign_in.router,
    oidc.router,
    inbox.router,
    changes.router,
    lead.router,
    log.router,
    case_open.router,
    case.router,
    decision.router,
    merging.router,
    disclosure.router,
    work.router,
    persons.router,
    provider.router,
    network.router,
)
