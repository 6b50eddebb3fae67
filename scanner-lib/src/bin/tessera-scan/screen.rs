//! What is printed while scans are kept and delivered at once: whole lines on standard output, and, where a person looks on,
//! one line at the foot of the terminal that says what the camera sees.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The terminal, or a file. Its copies print to the same place.
#[derive(Clone, Debug)]
pub struct Screen {
    foot: Option<ProgressBar>,
}

impl Screen {
    /// Lines alone.
    pub fn lines() -> Self {
        Self { foot: None }
    }

    /// Lines, and a line at the foot: on standard error, where that is a terminal.
    pub fn with_foot() -> Self {
        let foot = ProgressBar::new_spinner();
        // The template is fixed; what is wrong with it would be wrong always.
        foot.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").expect("a right template"));
        foot.enable_steady_tick(Duration::from_millis(120));
        Self { foot: Some(foot) }
    }

    /// Prints lines.
    pub fn say(&self, text: &str) {
        // Whoever reads may be gone; what was to be done is done all the same.
        self.aside(|out| writeln!(out, "{text}").and_then(|()| out.flush()).unwrap_or_default());
    }

    /// Does something and prints: nothing else is printed meanwhile, so that an answer cannot come before its question.
    pub fn aside<T>(&self, act: impl FnOnce(&mut io::StdoutLock<'_>) -> T) -> T {
        let print = || act(&mut io::stdout().lock());
        match &self.foot {
            Some(foot) => foot.suspend(print),
            None => print(),
        }
    }

    /// What stands at the foot.
    pub fn foot(&self, text: String) {
        if let Some(foot) = &self.foot {
            foot.set_message(text);
        }
    }

    /// Takes the line at the foot away.
    pub fn end(&self) {
        if let Some(foot) = &self.foot {
            foot.finish_and_clear();
        }
    }
}
