"""Real services for tests, started on loopback and thrown away: Apache Kafka and PostgreSQL."""
