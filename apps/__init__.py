"""The domain, an app a concept; design: upper apps import lower ones, never the other way."""
