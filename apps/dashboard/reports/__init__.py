"""How often support needed engineering's help, how fast it came, and what made it fast."""
