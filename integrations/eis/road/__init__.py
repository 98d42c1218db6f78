"""The operator's road: from an application to a connected system, and off it again (постанова 1255 п.18–30)."""
