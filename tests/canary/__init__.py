"""People who exist nowhere, and the search that finds any trace of them in clear."""
