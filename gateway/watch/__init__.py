"""The watcher: versions 1..n of everybody, from the store over the topic to every target, compared all the time."""
