"""School information systems (ОІС): operators, systems, school keys, ledger, API v1."""
