"""Files of the operator: found, read, written."""
