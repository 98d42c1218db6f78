"""Rules for what people type about a child: pure, typed, without a database (handbook C, D.2).

A cell comes in as it was typed; a normalised value and a list of problems come out. Each problem
says what is wrong and how to mend it, and carries the mended value where there is one to offer.
`rows.check` puts the rules of all columns together; 1,000 rows take about 0.1 s.
"""
