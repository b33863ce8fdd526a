"""The formats that are read: what a file is by its bytes, and one module a format that turns it into text."""
