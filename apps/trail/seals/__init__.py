"""Seals: the trail in batches, hashed into a chain, so that nothing in it can be changed unseen.

A seal covers its events whole: every column, also what they are about and when they were recorded. It does not cover
the links to further streams that were added later (each is told by an EventsLinked, which is covered) nor the words
events are found by (they are made from the events).
"""
