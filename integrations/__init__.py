"""Partners: school information systems and registers. One package per partner."""
