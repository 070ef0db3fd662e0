"""The street: the LGSP platform and the three systems, simulated from `contracts/external`, never from our mapping."""
