"""What only servers need: the image, the migration step, the probes of health checks."""
