//! Checks a file and brings it in.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tessera_scanner::recall_match::Criterion;

use super::model::Listing;
use super::read::{BadLine, Defaults, Lines};
use super::store as listings;
use crate::access::User;
use crate::error::{Code, Problem};
use crate::recalls::model::RecallId;
use crate::recalls::store as recalls;
use crate::store::Store;
use crate::store::pace::Pace;

/// Lines of one file at the most.
const MOST_LINES: i64 = 5_000_000;
/// Bad lines that are told one by one.
const MOST_TOLD: usize = 1000;

/// A file, looked through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// SHA-256, in hexadecimal.
    pub digest: String,
    /// Lines without the heading.
    pub lines: i64,
    /// The first bad lines.
    pub bad: Vec<BadLine>,
    /// How many there are.
    pub bad_lines: usize,
}

impl Checked {
    /// Nothing where every line can be used.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] that names the bad lines.
    pub fn usable(&self) -> Result<(), Problem> {
        if self.lines == 0 {
            return Err(Problem::invalid("The file has no line below its heading."));
        }
        if self.bad_lines == 0 {
            return Ok(());
        }
        let told: Vec<_> = self.bad.iter().map(|bad| format!("line {}: {}", bad.line, bad.why)).collect();
        let more = self.bad_lines - self.bad.len();
        let more = if more > 0 { format!(" And {more} more.") } else { String::new() };
        Err(Problem::invalid(format!("Nothing was brought in. {}{more}", told.join(" "))))
    }
}

/// Reads a file while its digest is taken.
struct Digesting<R> {
    source: R,
    digest: Sha256,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let many = self.source.read(buffer)?;
        self.digest.update(&buffer[..many]);
        Ok(many)
    }
}

fn open(file: &Path) -> Result<BufReader<File>, Problem> {
    let opened =
        File::open(file).map_err(|error| Problem::new(Code::Unreadable, "The file cannot be read.").because(error))?;
    Ok(BufReader::with_capacity(1 << 16, opened))
}

/// Looks through a file: every line, without keeping any.
///
/// # Errors
/// [`Code::InvalidInput`] where its heading cannot be used or it has too many lines, [`Code::Unreadable`] where there is no such file.
pub fn check(file: &Path, defaults: &Defaults, mut progress: impl FnMut(u64)) -> Result<Checked, Problem> {
    let mut source = Digesting { source: open(file)?, digest: Sha256::new() };
    let mut checked = Checked::default();
    for line in Lines::new(&mut source, defaults.clone())? {
        checked.lines += 1;
        if let Err(bad) = line {
            checked.bad_lines += 1;
            if checked.bad.len() < MOST_TOLD {
                checked.bad.push(bad);
            }
        }
        if checked.lines % 10_000 == 0 {
            progress(checked.lines.unsigned_abs());
        }
        if checked.lines > MOST_LINES {
            return Err(Problem::invalid(format!("A file has up to {MOST_LINES} lines.")));
        }
    }
    checked.digest = hex::encode(source.digest.finalize());
    Ok(checked)
}

/// Sixteen bytes that stand for a line: enough that two different ones never share them in practice (SHA-256, shortened).
fn short(criterion: &Criterion) -> Result<[u8; 16], Problem> {
    let text = serde_json::to_vec(criterion)
        .map_err(|error| Problem::new(Code::Internal, "A line could not be written.").because(error))?;
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(&text)[..16]);
    Ok(short)
}

/// Brings a checked file in, or goes on where that was broken off. A file that is in already changes nothing.
///
/// # Errors
/// [`Code::WrongState`] where the notice does not wait for its second person; those of [`Checked::usable`].
pub fn bring_in(
    store: &Store,
    user: &User,
    recall: RecallId,
    (file, defaults, checked): (&Path, &Defaults, &Checked),
    mut progress: impl FnMut(&Listing),
) -> Result<Listing, Problem> {
    checked.usable()?;
    let (who, digest, lines) = (user.clone(), checked.digest.clone(), checked.lines);
    let mut listing = store.write_now(move |tx| listings::begin(tx, &who, recall, (&digest, lines)))?;
    if listing.finished_at.is_some() {
        return Ok(listing);
    }
    // What the notice covered before its first list is little; lines of other lists may come twice, which changes no match.
    let before = store.read_now(|connection| recalls::first_criteria(connection, recall))?;
    let mut seen: HashSet<[u8; 16]> = before.iter().map(short).collect::<Result<_, _>>()?;
    let (mut fresh, mut read, mut place) = (Vec::new(), 0, 0);
    let mut pace = Pace::default();
    for line in Lines::new(open(file)?, defaults.clone())? {
        let criterion = line.map_err(|bad| Problem::invalid(format!("Line {}: {}", bad.line, bad.why)))?;
        place += 1;
        let new = seen.insert(short(&criterion)?);
        if place <= listing.done {
            continue;
        }
        read += 1;
        if new {
            fresh.push(criterion);
        }
        if read >= i64::try_from(pace.rows()).unwrap_or(i64::MAX) || place == listing.lines {
            let (who, before, some, many) = (user.clone(), listing.clone(), std::mem::take(&mut fresh), read);
            listing = pace.timed(|| store.write_now(move |tx| listings::add(tx, &who, &before, (&some, many))))?;
            read = 0;
            progress(&listing);
        }
    }
    store.write_now(recalls::lines_changed)?;
    Ok(listing)
}
