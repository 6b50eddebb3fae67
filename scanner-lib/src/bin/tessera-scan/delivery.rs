//! The delivery that runs beside the keeping of scans.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use tessera_scanner::deliver::{Courier, OutboxError, Settled, State, Trouble};
use uuid::Uuid;

use super::deliver::still_waits;
use super::screen::Screen;
use super::words;

/// How the delivery ended.
#[derive(Debug, Default)]
pub struct End {
    /// Refused by the registry.
    pub refused: usize,
    /// Why something still waits.
    pub trouble: Option<Trouble>,
}

/// Delivers while scans are kept, and for a while after the last.
pub struct Delivery {
    screen: Screen,
    courier: Courier,
    hears: Receiver<Uuid>,
    patience: Duration,
    /// When to give up; set once the last scan is kept.
    deadline: Option<Instant>,
    /// Kept here, and not yet known to be settled.
    open: HashSet<Uuid>,
    /// Settled before we heard that it was kept.
    early: HashSet<Uuid>,
}

impl Delivery {
    /// `hears` tells the ids of scans that were kept, until the keeper is gone; then the delivery has `patience` left.
    pub fn new(screen: Screen, courier: Courier, hears: Receiver<Uuid>, patience: Duration) -> Self {
        Self { screen, courier, hears, patience, deadline: None, open: HashSet::new(), early: HashSet::new() }
    }

    /// Delivers until nothing waits after the last scan, or patience is at an end.
    ///
    /// # Errors
    /// The outbox cannot be read or written.
    pub fn run(mut self) -> Result<End, OutboxError> {
        let (mut end, mut said) = (End::default(), None);
        loop {
            self.hear();
            let ended = self.deadline.is_some();
            let (screen, open, early) = (&self.screen, &mut self.open, &mut self.early);
            let pass = self.courier.pass(|settled| {
                if !open.remove(&settled.id) {
                    early.insert(settled.id);
                }
                print(screen, settled);
            })?;
            end.refused += pass.refused + self.settled_by_others()?;
            end.trouble = pass.trouble;
            let Some(trouble) = &end.trouble else {
                said = None;
                if ended {
                    return Ok(end);
                }
                // Nothing waits: sleep until the next scan is kept.
                match self.hears.recv() {
                    Ok(id) => self.kept(id),
                    Err(_) => self.ended(),
                }
                continue;
            };
            if said.as_ref() != Some(trouble) {
                self.screen.say(&still_waits(trouble));
                said = Some(trouble.clone());
            }
            let wait = self.courier.wait(trouble);
            match self.deadline {
                Some(deadline) if Instant::now() + wait >= deadline => return Ok(end),
                Some(_) => std::thread::sleep(wait),
                None => match self.hears.recv_timeout(wait) {
                    Ok(id) => self.kept(id),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => self.ended(),
                },
            }
        }
    }

    /// Takes in what was kept meanwhile.
    fn hear(&mut self) {
        loop {
            match self.hears.try_recv() {
                Ok(id) => self.kept(id),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => return self.ended(),
            }
        }
    }

    fn kept(&mut self, id: Uuid) {
        if !self.early.remove(&id) {
            self.open.insert(id);
        }
    }

    fn ended(&mut self) {
        self.deadline.get_or_insert(Instant::now() + self.patience);
    }

    /// Prints what another program on the same outbox delivered for us; returns how many of them were refused.
    fn settled_by_others(&mut self) -> Result<usize, OutboxError> {
        let mut refused = 0;
        for id in self.open.clone() {
            let Some(item) = self.courier.outbox().find(id)? else { continue };
            if item.state != State::Waiting {
                self.open.remove(&id);
                refused += usize::from(item.state == State::Refused);
                print(&self.screen, &Settled { id, state: item.state, answer: item.answer, why: item.last_error });
            }
        }
        Ok(refused)
    }
}

fn print(screen: &Screen, settled: &Settled) {
    screen.say(&words::lines(settled).join("\n"));
}
