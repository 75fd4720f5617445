"""What ``check`` says, as rows. In come a catalog and a cluster, out come :class:`.Answers`."""
