"""Legal texts of orders: editions by date of the order, one file per kind (`registry.process.Text`)."""
