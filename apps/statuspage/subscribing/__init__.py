"""Those outside who want to hear: by email or webhook, all or of some components, each word once."""
