"""Movements of staff: load, hiring, other posts, dismissal, attestation, courses, deferments (handbook D.5)."""
