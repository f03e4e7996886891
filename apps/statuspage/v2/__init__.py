"""The JSON that existing clients of status pages read: Statuspage's second version, shape by shape."""
