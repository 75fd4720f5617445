"""What would be published. In come the last release and today's reading, out come the gate's verdict and a proposal.

Nothing here talks to anybody: the same input gives the same files.
"""
