"""Tables being prepared, saved as they are typed."""
