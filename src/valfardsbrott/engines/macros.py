"""Functions that queries may call beside DuckDB's own: formulas that several views need, written once."""

from __future__ import annotations

#: Minus the natural logarithm of the binomial probability of at least k of n at the chance p: nats of surprise.
#: 0 where k is at most what is expected. The sum begins at k and its terms fall, so a thousand of them are enough.
#: p lies above 0 and below 1.
BINOMIAL_SURPRISE = """
create macro binomial_surprise(k, n, p) as
  case when k <= n * p then 0 else greatest(
    0,
    -(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * ln(p) + (n - k) * ln(1 - p))
    - ln(list_sum([
      exp(lgamma(k + 1) + lgamma(n - k + 1) - lgamma(i + 1) - lgamma(n - i + 1) + (i - k) * (ln(p) - ln(1 - p)))
      for i in range(k, least(n, k + 1000) + 1)
    ]))
  ) end
"""

MACROS = (BINOMIAL_SURPRISE,)
