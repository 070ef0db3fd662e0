"""Files of entries about the same synthetic people: for machines, and as a commune would send them."""
