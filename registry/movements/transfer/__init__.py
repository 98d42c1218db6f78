"""«Переведення учня між школами протягом року»: the receiving side, and what the sending one is asked."""
