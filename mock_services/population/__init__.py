"""The national population database, simulated: SOAP 1.1 services of `contracts/external/population`."""
