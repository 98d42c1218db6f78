"""Who may see pupils by name, keep their profiles and sign orders about them (handbook B.2, D.6)."""
