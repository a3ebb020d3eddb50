"""Names, addresses, telephones, e-mail addresses and accounts in one written form, and what is the same behind them.

Two steps. *Normalising* is certain: spellings of one value become one text (`addresses`, `names`, `phones`, `emails`,
`identifiers.account_key`). *Resolving* is a judgement: Splink weighs the evidence that a doubtful record is a known one
(`linkage`), by the parameters of features/entities.yaml, and joins them only where it is strong and unrivalled. Two
valid organisation numbers, or two valid person numbers, are never joined.
"""
