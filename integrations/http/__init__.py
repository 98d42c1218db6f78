"""What every API for machines shares: who calls, what is asked, pages, writes, refusals, the note."""
