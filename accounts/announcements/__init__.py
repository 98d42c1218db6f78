"""«Оголошення»: a word from an authority to whoever stands below it, with receipts."""
