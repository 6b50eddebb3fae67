//! Sends what waits: once until the first trouble, or again and again until nothing waits.

use std::fmt;
use std::time::{Duration, Instant};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::outbox::Due;
use super::{Client, Outbox, OutboxError, Reply, State, Trouble};

/// Tries after which a message over which the registry fails no longer holds up those behind it. It still waits.
const PASSED_OVER: i32 = 5;
/// How many passed-over messages are tried in one pass: the registry may be failing over everything.
const MOST_PASSED_OVER: usize = 10;
/// The longest that a registry may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How long to wait between tries: twice as long each time, less a random part, so that the workstations of a hospital
/// do not all come back in the same moment.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(200), longest: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The wait after this many failures in a row; `random` chooses between half of it and the whole.
    ///
    /// # Example
    /// ```
    /// use std::time::Duration;
    /// use tessera_scanner::deliver::Backoff;
    ///
    /// let backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(10) };
    /// assert_eq!(backoff.wait(1, u32::MAX), Duration::from_millis(100));
    /// assert_eq!(backoff.wait(3, u32::MAX), Duration::from_millis(400));
    /// assert_eq!(backoff.wait(3, 0), Duration::from_millis(200));
    /// assert_eq!(backoff.wait(60, u32::MAX), Duration::from_secs(10));
    /// ```
    pub fn wait(&self, failures: u32, random: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let whole = self.first.saturating_mul(1 << doublings).min(self.longest);
        whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

/// A message that no longer waits, as soon as that is written down.
#[derive(Clone)]
pub struct Settled {
    /// The message.
    pub id: Uuid,
    /// Delivered or refused.
    pub state: State,
    /// What the registry answered to a delivery. It may tell of a patient.
    pub answer: Option<Zeroizing<Vec<u8>>>,
    /// Why it was refused.
    pub why: Option<String>,
}

impl fmt::Debug for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settled({} {:?})", self.id, self.state)
    }
}

/// What one pass through the outbox did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// How many the registry now has.
    pub delivered: usize,
    /// How many it refused.
    pub refused: usize,
    /// Why something still waits; `None` where nothing does.
    pub trouble: Option<Trouble>,
}

/// Carries what waits in an outbox to one registry, in order.
///
/// # Example
/// ```no_run
/// use std::path::Path;
/// use std::time::Duration;
/// use tessera_scanner::deliver::{Client, Courier, Outbox, Token};
///
/// let client = Client::new("https://registry.example".parse()?, Token::read(Path::new("token"))?);
/// let mut courier = Courier::new(Outbox::open(Path::new("outbox.db"))?, client);
/// let pass = courier.until_empty(Duration::from_secs(60), |settled| println!("{} {:?}", settled.id, settled.state))?;
/// println!("{} delivered, {} refused", pass.delivered, pass.refused);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Courier {
    outbox: Outbox,
    client: Client,
    backoff: Backoff,
    failures: u32,
}

impl Courier {
    /// A courier with the usual waits between tries.
    pub fn new(outbox: Outbox, client: Client) -> Self {
        Self { outbox, client, backoff: Backoff::default(), failures: 0 }
    }

    /// The same courier with other waits between tries.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Its outbox.
    pub fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// Sends what waits, oldest first, until nothing waits or the first trouble. `hears` is told of each message that is
    /// delivered or refused, once that is written down.
    ///
    /// # Errors
    /// Those of the outbox.
    pub fn pass(&mut self, mut hears: impl FnMut(&Settled)) -> Result<Pass, OutboxError> {
        let mut pass = Pass::default();
        let (mut after, mut passed_over) = (0, 0);
        while let Some(due) = self.outbox.next(self.client.server(), after)? {
            after = due.position;
            match self.send(&due)? {
                Sent::Settled(settled) => {
                    match settled.state {
                        State::Refused => pass.refused += 1,
                        _ => pass.delivered += 1,
                    }
                    hears(&settled);
                }
                Sent::Waits(trouble) => {
                    let only_this_one = matches!(trouble, Trouble::Failed { .. }) && due.tries >= PASSED_OVER;
                    pass.trouble = Some(trouble);
                    passed_over += 1;
                    if !only_this_one || passed_over == MOST_PASSED_OVER {
                        break;
                    }
                }
            }
        }
        let stuck = pass.trouble.is_some() && pass.delivered == 0;
        self.failures = if stuck { self.failures.saturating_add(1) } else { u32::from(pass.trouble.is_some()) };
        Ok(pass)
    }

    fn send(&mut self, due: &Due) -> Result<Sent, OutboxError> {
        let Some((endpoint, body)) = &due.content else {
            return self.refused(due, "cannot be read: the outbox is damaged, or a newer program wrote it".to_owned());
        };
        match self.client.post(*endpoint, due.id, body) {
            Reply::Taken(answer) => {
                self.outbox.settle(due, State::Delivered, None, Some(&answer))?;
                let answer = Some(Zeroizing::new(answer));
                Ok(Sent::Settled(Settled { id: due.id, state: State::Delivered, answer, why: None }))
            }
            Reply::Refused(refusal) => self.refused(due, refusal.to_string()),
            Reply::NotNow(trouble) => {
                self.outbox.tried(due, &trouble.to_string())?;
                Ok(Sent::Waits(trouble))
            }
        }
    }

    fn refused(&mut self, due: &Due, why: String) -> Result<Sent, OutboxError> {
        self.outbox.settle(due, State::Refused, Some(&why), None)?;
        Ok(Sent::Settled(Settled { id: due.id, state: State::Refused, answer: None, why: Some(why) }))
    }

    /// How long to wait before the next pass, after this trouble.
    pub fn wait(&self, trouble: &Trouble) -> Duration {
        let mut random = [0; 4];
        // Without randomness the wait is only less spread out.
        let _ = getrandom::fill(&mut random);
        let own = self.backoff.wait(self.failures, u32::from_le_bytes(random));
        match trouble {
            Trouble::Busy { wait: Some(asked), .. } => own.max((*asked).min(LONGEST_WAIT)),
            _ => own,
        }
    }

    /// Passes again and again until nothing waits, or until `patience` is over; what then waits is still in the outbox.
    ///
    /// # Errors
    /// Those of the outbox.
    pub fn until_empty(&mut self, patience: Duration, mut hears: impl FnMut(&Settled)) -> Result<Pass, OutboxError> {
        let deadline = Instant::now() + patience;
        let mut sum = Pass::default();
        loop {
            let pass = self.pass(&mut hears)?;
            sum = Pass { delivered: sum.delivered + pass.delivered, refused: sum.refused + pass.refused, ..pass };
            let Some(trouble) = &sum.trouble else { return Ok(sum) };
            let wait = self.wait(trouble);
            if Instant::now() + wait >= deadline {
                return Ok(sum);
            }
            std::thread::sleep(wait);
        }
    }
}

/// What came of one message.
enum Sent {
    Settled(Settled),
    Waits(Trouble),
}

#[cfg(test)]
mod tests {
    use super::super::stub::{Act, Stub};
    use super::super::{Scan, ServerUrl, Token};
    use super::*;
    use crate::udi::Entry;

    const QUICK: Backoff = Backoff { first: Duration::from_millis(1), longest: Duration::from_millis(4) };
    const PATIENCE: Duration = Duration::from_secs(20);

    struct Theatre {
        folder: tempfile::TempDir,
        stub: Stub,
    }

    impl Theatre {
        fn new(acts: Vec<Act>) -> Self {
            Self { folder: tempfile::tempdir().unwrap(), stub: Stub::start(acts) }
        }

        fn server(&self) -> ServerUrl {
            self.stub.url().parse().unwrap()
        }

        fn outbox(&self) -> Outbox {
            Outbox::open_with(&self.folder.path().join("outbox.db"), None).unwrap()
        }

        fn courier(&self) -> Courier {
            let token = Token::new("a-token").unwrap();
            let client = Client::with_timeout(self.server(), token, Duration::from_millis(300));
            Courier::new(self.outbox(), client).with_backoff(QUICK)
        }

        /// Keeps this many scans; their bodies, in order.
        fn keep(&self, count: usize) -> Vec<Vec<u8>> {
            let mut outbox = self.outbox();
            (0..count)
                .map(|_| {
                    let message = Scan::now(Uuid::now_v7(), Entry::Handheld, Vec::new()).message(&self.server());
                    outbox.keep(&message).unwrap();
                    message.body.to_vec()
                })
                .collect()
        }

        fn states(&self) -> Vec<(i64, i64, i64)> {
            self.outbox().tally().unwrap().iter().map(|t| (t.waiting, t.delivered, t.refused)).collect()
        }
    }

    #[test]
    fn through_every_failure_each_arrives_once_and_in_order() {
        let theatre = Theatre::new(vec![
            Act::CloseAtOnce,
            Act::Take,
            Act::TakeAndClose,
            Act::CloseInTheHead,
            Act::CloseInTheBody,
            Act::Take,
            Act::Answer(500, r#"{"code": "internal"}"#),
            Act::Answer(502, "<html>bad gateway</html>"),
            Act::Answer(200, "<html>sign in to the Wi-Fi</html>"),
            Act::Silence,
            Act::Delay(Duration::from_millis(100)),
            Act::Answer(429, "{}"),
            Act::Answer(401, r#"{"code": "not-signed-in"}"#),
        ]);
        let bodies = theatre.keep(8);
        let mut heard = Vec::new();
        let pass = theatre.courier().until_empty(PATIENCE, |settled| heard.push(settled.clone())).unwrap();
        assert_eq!(pass, Pass { delivered: 8, refused: 0, trouble: None });
        assert_eq!(theatre.stub.taken(), bodies);
        assert!(heard.len() == 8 && heard.iter().all(|settled| settled.answer.is_some()));
        assert_eq!(theatre.states(), [(0, 8, 0)]);
    }

    #[test]
    fn a_refusal_is_kept_and_does_not_hold_up_the_others() {
        let refusal =
            r#"{"code": "id-reused", "title": "This identifier was already used.", "detail": "", "action": ""}"#;
        let theatre = Theatre::new(vec![Act::Answer(409, refusal)]);
        let bodies = theatre.keep(3);
        let pass = theatre.courier().until_empty(PATIENCE, |_| {}).unwrap();
        assert_eq!((pass.delivered, pass.refused), (2, 1));
        assert_eq!(theatre.stub.taken(), bodies[1..]);
        let refused = theatre.outbox().list(State::Refused, 10).unwrap();
        assert_eq!(refused[0].last_error.as_deref(), Some("id-reused: This identifier was already used."));
    }

    #[test]
    fn without_a_network_everything_waits_and_says_why() {
        let theatre = Theatre::new(Vec::new());
        let server = theatre.server();
        let bodies = theatre.keep(3);
        let folder = theatre.folder;
        drop(theatre.stub);
        let outbox = Outbox::open_with(&folder.path().join("outbox.db"), None).unwrap();
        let mut courier = Courier::new(outbox, Client::new(server, Token::new("t").unwrap())).with_backoff(QUICK);
        let pass = courier.until_empty(Duration::from_millis(50), |_| panic!("nothing settles")).unwrap();
        assert!(matches!(pass.trouble, Some(Trouble::NoConnection { .. })));
        let waiting = courier.outbox().list(State::Waiting, 10).unwrap();
        assert_eq!(waiting.len(), bodies.len());
        assert!(waiting[0].tries > 1 && waiting[0].last_error.as_ref().unwrap().contains("no connection"));
        assert_eq!(waiting[1].tries, 0, "the order is kept: nothing overtakes the first");
    }

    #[test]
    fn one_message_over_which_the_registry_fails_does_not_hold_up_the_others_for_ever() {
        let failing = Act::Answer(500, r#"{"code": "internal"}"#);
        let theatre = Theatre::new(vec![failing; 6]);
        let bodies = theatre.keep(3);
        let mut courier = theatre.courier();
        for _ in 0..5 {
            assert_eq!(courier.pass(|_| {}).unwrap().delivered, 0);
        }
        let pass = courier.pass(|_| {}).unwrap();
        assert_eq!((pass.delivered, pass.trouble.is_some()), (2, true));
        assert_eq!(theatre.states(), [(1, 2, 0)]);
        // It is not given up.
        assert_eq!(courier.pass(|_| {}).unwrap().delivered, 1);
        assert_eq!(theatre.stub.taken(), [bodies[1].clone(), bodies[2].clone(), bodies[0].clone()]);
    }

    #[test]
    fn two_programs_on_one_outbox_do_no_harm() {
        let theatre = Theatre::new(Vec::new());
        let bodies = theatre.keep(30);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| theatre.courier().until_empty(PATIENCE, |_| {}).unwrap());
            }
        });
        assert_eq!(theatre.stub.taken(), bodies);
        assert_eq!(theatre.states(), [(0, 30, 0)]);
    }

    #[test]
    fn a_registry_that_asks_for_time_gets_it() {
        let theatre = Theatre::new(vec![Act::RetryAfter(2)]);
        theatre.keep(1);
        let mut courier = theatre.courier();
        let trouble = courier.pass(|_| {}).unwrap().trouble.unwrap();
        assert_eq!(courier.wait(&trouble), Duration::from_secs(2));
    }
}
