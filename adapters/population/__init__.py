"""The national population database: SOAP 1.1 through the platform, under `/csdldc/1.0/`."""
