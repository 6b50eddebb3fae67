//! Lines as a keyboard-wedge scanner types them: one scan a line, any bytes in it.

use std::io::{self, BufRead};

/// The longest line that is taken: a symbol holds some three thousand characters at most.
pub const LONGEST_LINE: usize = 16 * 1024;

/// Scans from a stream, one a line, without their line ends. Empty lines are skipped.
///
/// # Example
/// ```
/// use tessera_scanner::source::Lines;
///
/// let typed = b"]d20109506000134352\r\n\r\n]C110ABC\n";
/// let scans: Vec<Vec<u8>> = Lines::new(typed.as_slice()).collect::<Result<_, _>>().unwrap();
/// assert_eq!(scans, [b"]d20109506000134352".to_vec(), b"]C110ABC".to_vec()]);
/// ```
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
}

impl<R: BufRead> Lines<R> {
    /// Scans from `input`.
    pub fn new(input: R) -> Self {
        Self { input }
    }

    /// Takes one line with its end, of bounded length; empty at the end of the stream.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            let ahead = match self.input.fill_buf() {
                Ok(ahead) => ahead,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = ahead.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(ahead.len());
            line.extend_from_slice(&ahead[..taken]);
            self.input.consume(taken);
            if line.len() > LONGEST_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long to be a scan"));
            }
            if end.is_some() || taken == 0 {
                return Ok(line);
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = match self.line() {
                Ok(line) if line.is_empty() => return None,
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                line.pop();
            }
            if !line.is_empty() {
                return Some(Ok(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_needs_no_end_and_bytes_stay() {
        let scans: Vec<_> = Lines::new(b"a\x1db\xFF\r\nlast".as_slice()).map(Result::unwrap).collect();
        assert_eq!(scans, [b"a\x1db\xFF".to_vec(), b"last".to_vec()]);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let endless = vec![b'7'; LONGEST_LINE + 1];
        assert!(Lines::new(endless.as_slice()).next().unwrap().is_err());
    }
}
