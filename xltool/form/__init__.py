"""What the form is: its definition, its kinds of fields, where everything stands, and its record as JSON."""
