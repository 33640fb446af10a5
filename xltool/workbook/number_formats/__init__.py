"""Excel number formats: what a cell shows of what it stores."""
