//! Where pictures and keystrokes come from.
