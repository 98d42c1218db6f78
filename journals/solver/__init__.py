"""A school's week made by a solver: what is asked (`problem`), what counting alone refuses (`checks`),
the search (`search`, the one place that knows OR-Tools), rooms given after it (`rooms`).

Nothing here knows the database or the portal: `journals.selectors.planning` says what a school is,
`journals.services.planning` keeps what was found.
"""
