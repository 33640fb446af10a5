"""Excel packages: .xlsx, .xlsm."""
