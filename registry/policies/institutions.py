"""Who may create, change, confirm and suspend institutions, and keep their classes (B.1, F087, F089)."""
