"""Spread over contacts in order of time: what passes on must have arrived before the contact happens."""
