"""Plans of statements: words made by tables, where it is certain how a text is read."""
