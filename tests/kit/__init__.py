"""What the suite stands on: its database, its browser, its questions about accessibility."""
