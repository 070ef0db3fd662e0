"""Social insurance, simulated: REST services of `contracts/external/social_insurance`."""
