"""Labour supply and demand, simulated: REST services of `contracts/external/labour_market` (RECON)."""
