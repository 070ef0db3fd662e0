"""`lgsp run`: the whole product on one machine, told as a story in which every step is verified."""
