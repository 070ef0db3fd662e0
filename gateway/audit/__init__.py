"""What is told of an act, the chain that keeps it from being changed, and the export that proves it. No I/O."""
