"""Orders: frozen bytes, one signature, effect."""
