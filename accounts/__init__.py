"""Who: the tree of authorities, users, grants, invitations, sign-in and sessions."""
