"""No domain words: commands, audit, policies, scoping, tables, interface components."""
