"""Seals: the trail in batches, hashed into a chain, so that nothing in it can be changed unseen.

A seal covers its events whole: every column, also what they are about and when they were recorded. That each is still
on the streams it is about follows from that, and is looked at once a day and by `verify_trail --links`. Not covered are
the links to further streams that were added later, and the words events are found by, which are made from the events.
"""
