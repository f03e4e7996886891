"""The status page: what the public may know of components, incidents and maintenance, in every form it is read in."""
