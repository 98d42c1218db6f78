"""«Звернення»: a question, a fault or a proposal, to the level above and on to the administrator."""
