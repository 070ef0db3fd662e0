"""The street: the platform and the three systems as HTTP apps with their own state. Imports contracts only."""
