"""The uses of the tool, one file each; the command line, the Python interface and whatever comes call them alike."""
