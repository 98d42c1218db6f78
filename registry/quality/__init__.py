"""What is wrong in the data of children: verdicts of the packs of rules, counted and shown."""
