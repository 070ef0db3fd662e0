"""The whole topology on one machine: real PostgreSQL, real Kafka, every role as processes of its own, no Docker."""
