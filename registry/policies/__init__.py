"""Who may do what in the register, a module per topic; import the module, not the names."""
