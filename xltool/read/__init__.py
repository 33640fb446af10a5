"""From Excel: untrusted bytes to a Grid of facts, and from there to the reading of a form."""
