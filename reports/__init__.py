"""Statistics: forms as data, campaigns, cells with the rows behind them."""
