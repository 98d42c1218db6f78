"""Commands of data quality, the one door to checking; campaigns have their own module."""

from registry.quality.services.checking import (
    PORTION,
    check_institutions,
    check_pupils,
    keep_trend,
)

__all__ = ["PORTION", "check_institutions", "check_pupils", "keep_trend"]
