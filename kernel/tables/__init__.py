"""Tables that people bring: cells, findings, dates."""
