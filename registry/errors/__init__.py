"""What the register may refuse, a module per topic; codes are unique over the whole room."""
