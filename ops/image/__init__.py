"""Building the image and trying it, with whatever builder the machine has."""
