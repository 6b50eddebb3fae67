//! The durable outbox and its client.
