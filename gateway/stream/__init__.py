"""The stream carries: ordered records per key, from the relay to readers, on Kafka or on the store's own tables."""
