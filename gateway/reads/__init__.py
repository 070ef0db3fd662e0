"""Questions: masked answers about entries, workers and quality. Nothing here changes anything but the audit."""
