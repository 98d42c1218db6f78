"""The subvention for schooling, computed from generated figures: pure formula and its parameters."""
