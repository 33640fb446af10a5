"""Which form a sheet holds, and where its fields stand."""
