"""The guided form: five steps from a ticket to a filed request, each of which can be left and come back to."""
