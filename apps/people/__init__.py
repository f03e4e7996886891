"""Agents, teams, customers and their plans, and their handles on other systems."""
