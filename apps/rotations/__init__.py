"""Who is on shift, and when."""
