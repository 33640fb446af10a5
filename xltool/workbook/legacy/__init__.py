""".xls, .et and .xlsb, by calamine in a process of its own."""
