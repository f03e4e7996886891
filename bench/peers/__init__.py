"""Other ways to keep a trail, on the same tickets: what ours is measured against. No part of the product."""
