"""The audit log: the types of events that managers chose, told to auditors and to customers who ask."""
