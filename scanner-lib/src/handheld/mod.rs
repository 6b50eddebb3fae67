//! Raw scanner bytes become a message.
