"""Enrolment of a pupil who studies nowhere."""
