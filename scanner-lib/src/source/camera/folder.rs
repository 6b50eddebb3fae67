//! A folder that something puts photographs of packs into: a boom camera, a tablet's upload, a person.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Endings of pictures that are read.
const PICTURES: [&str; 4] = ["jpeg", "jpg", "pgm", "png"];

/// The pictures of a folder in the order of their names, numbers in them as a person counts.
///
/// Hidden files, whose names begin with a dot, are left out: programs write under such a name before they rename.
///
/// # Errors
/// The folder cannot be read.
pub fn pictures(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .filter(|path| path.as_ref().map_or(true, |path| is_picture(path)))
        .collect::<io::Result<_>>()?;
    found.sort_by(|a, b| as_counted(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(found)
}

fn is_picture(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let ending = path.extension().is_some_and(|ending| PICTURES.iter().any(|known| ending.eq_ignore_ascii_case(known)));
    ending && !hidden && path.is_file()
}

/// Compares names so that 2 comes before 10.
fn as_counted(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    while let (Some(a_first), Some(b_first)) = (a_rest.chars().next(), b_rest.chars().next()) {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let order = match (digits(a_rest), digits(b_rest)) {
            (0, _) | (_, 0) => {
                (a_rest, b_rest) = (&a_rest[a_first.len_utf8()..], &b_rest[b_first.len_utf8()..]);
                a_first.cmp(&b_first)
            }
            (a_digits, b_digits) => {
                let (a_number, b_number) = (&a_rest[..a_digits], &b_rest[..b_digits]);
                (a_rest, b_rest) = (&a_rest[a_digits..], &b_rest[b_digits..]);
                let value = |number: &str| number.trim_start_matches('0').to_owned();
                let (a_value, b_value) = (value(a_number), value(b_number));
                a_value.len().cmp(&b_value.len()).then_with(|| a_value.cmp(&b_value))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a_rest.len().cmp(&b_rest.len()).then_with(|| a.cmp(b))
}

/// What a file was when it was last looked at: one that is still being written changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Looked {
    length: u64,
    changed: Option<SystemTime>,
}

/// Waits for pictures in a folder. Each is given once it is whole, that is, when it did not change between two looks; what is
/// in the folder already comes first. A picture that is still there later is not given again, unless it was changed.
#[derive(Debug)]
pub struct Arrivals {
    folder: PathBuf,
    looked: HashMap<PathBuf, Looked>,
    given: HashMap<PathBuf, Looked>,
    ready: VecDeque<PathBuf>,
}

impl Arrivals {
    /// The pictures that come into this folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn of(folder: &Path) -> io::Result<Self> {
        pictures(folder)?;
        Ok(Self { folder: folder.to_owned(), looked: HashMap::new(), given: HashMap::new(), ready: VecDeque::new() })
    }

    /// The pictures that are whole and were not given yet.
    ///
    /// # Errors
    /// The folder cannot be read; it may be there again at the next look.
    pub fn look(&mut self) -> io::Result<Vec<PathBuf>> {
        let mut now = HashMap::new();
        let mut whole = Vec::new();
        for path in pictures(&self.folder)? {
            // A file may go between the listing and the look at it.
            let Ok(about) = fs::metadata(&path) else { continue };
            let looked = Looked { length: about.len(), changed: about.modified().ok() };
            if self.looked.get(&path) == Some(&looked) && self.given.get(&path) != Some(&looked) && looked.length > 0 {
                self.given.insert(path.clone(), looked);
                whole.push(path.clone());
            }
            now.insert(path, looked);
        }
        self.given.retain(|path, _| now.contains_key(path));
        self.looked = now;
        Ok(whole)
    }
}

impl Iterator for Arrivals {
    type Item = PathBuf;

    /// Waits for the next picture, for ever; a folder that is gone (a network drive) is waited for too.
    fn next(&mut self) -> Option<PathBuf> {
        loop {
            if let Some(path) = self.ready.pop_front() {
                return Some(path);
            }
            let ready = self.look().unwrap_or_default();
            self.ready.extend(ready);
            if self.ready.is_empty() {
                sleep(LOOK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_given_once_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let [pack, hidden, note] = ["pack.JPG", ".pack.jpg", "note.txt"].map(|name| folder.path().join(name));
        for file in [&pack, &hidden, &note] {
            fs::write(file, "half").unwrap();
        }
        let mut arrivals = Arrivals::of(folder.path()).unwrap();
        let mut look = || arrivals.look().unwrap();
        assert!(look().is_empty(), "seen for the first time");
        fs::write(&pack, "half and half").unwrap();
        assert!(look().is_empty(), "it grew");
        assert_eq!(look(), std::slice::from_ref(&pack));
        assert!(look().is_empty());
        fs::write(&pack, "another pack under the same name").unwrap();
        look();
        assert_eq!(look(), std::slice::from_ref(&pack));
        fs::remove_file(&pack).unwrap();
        look();
        fs::write(&pack, "another pack under the same name").unwrap();
        look();
        assert_eq!(look(), [pack]);
    }

    #[test]
    fn names_are_sorted_as_a_person_counts() {
        let mut names = ["b", "a10", "a9", "a09b", "a", "a1", "ä", "a1b"];
        names.sort_by(|a, b| as_counted(a, b));
        assert_eq!(names, ["a", "a1", "a1b", "a9", "a09b", "a10", "b", "ä"]);
    }
}
