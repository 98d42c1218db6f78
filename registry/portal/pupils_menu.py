"""Menu entries of pupils, drafts, enrolment and orders."""
