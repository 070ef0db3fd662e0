"""One module per noun of the command line; each verb is a client of the HTTP API."""
