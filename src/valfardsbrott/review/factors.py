"""What a decision says about how it was done and what made it possible: codes that the situational picture counts.

Schemes are those of the indicators' headers; enabling factors follow Brå's studies of welfare crime and the council's
own programme: where in the chain a wrong payment could have been stopped.
"""

from __future__ import annotations

#: Words for each are in the application's locales (`scheme`, `factor`).
SCHEMES = tuple(f"S{number:02d}" for number in range(1, 22))
ENABLING_FACTORS = (
    "false_registration",
    "identity_misuse",
    "false_certificates",
    "undue_influence",
    "missing_follow_up",
    "weak_price_rules",
    "weak_receipt_rules",
    "weak_invoice_control",
    "missing_ownership_check",
)
