//! Named questions that join several concepts. They read; they never write.
