"""Results handed on: to the budget platform's tables, to CSV, to Parquet. Begins where results end."""
