"""`qman doctor`: what is wrong with the quota set-up of this host, and the command that mends it. Changes nothing."""
