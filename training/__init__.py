"""Training of what ships as data; nothing here is imported by the product."""
