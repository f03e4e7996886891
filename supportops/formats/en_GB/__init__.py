"""British English, the portal's own."""
