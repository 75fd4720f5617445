"""How fresh it all is: the heartbeat, the badge, and the files that programs poll."""
