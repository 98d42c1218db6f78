"""Classes of a school year in one table: opened, changed, split, merged, closed by one order."""
