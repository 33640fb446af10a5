"""What must hold: the catalogue of rules and the check of a form against it."""
