"""Open data: sets that anybody may take, versioned, described for machines, without people's data."""
