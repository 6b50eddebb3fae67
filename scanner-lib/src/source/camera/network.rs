//! A camera on the network: its address answers with a stream of JPEG pictures (MJPEG, `multipart/x-mixed-replace`), or with
//! one picture each time it is asked (a snapshot).

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufReader};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::{Agent, BodyReader};

use super::Jpegs;
use crate::source::picture::{self, MOST_BYTES};
use crate::source::{Device, Heard, Pixels};

/// So long may a camera say nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// A stream is asked for anew after this long, without a word: one that stalled is found out.
const STREAM_LIFE: Duration = Duration::from_secs(20);

/// Pictures are asked for one at a time no faster than this: small cameras make each anew.
const BETWEEN_SNAPSHOTS: Duration = Duration::from_millis(100);

/// So many pictures in a row that cannot be decoded are no longer a glitch.
const MOST_DAMAGED: u32 = 10;

/// A camera that speaks HTTP.
pub struct Camera {
    address: String,
    /// `Authorization`, from the user and password in the address.
    authorization: Option<String>,
    agent: Agent,
    answers: Answers,
    damaged: u32,
}

/// How the camera answers.
enum Answers {
    NotYet,
    Stream(Box<Jpegs<BufReader<BodyReader<'static>>>>),
    Snapshots { last: Instant },
}

/// The address without what stands before the `@`.
pub fn without_password(address: &str) -> String {
    split(address).map_or_else(|| address.to_owned(), |(scheme, _, rest)| format!("{scheme}://{rest}"))
}

/// Scheme, `user:password`, and the rest, where an address has all three (RFC 3986, section 3.2.1).
fn split(address: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    Some((scheme, user, &rest[user.len() + 1..]))
}

impl Camera {
    /// The camera at this address, `http://…` or `https://…`; `user:password@` before the machine's name is sent as HTTP
    /// Basic (RFC 7617).
    pub fn new(address: &str) -> Self {
        let agent = Agent::config_builder()
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_recv_body(Some(STREAM_LIFE))
            .http_status_as_error(false)
            .build();
        Self {
            authorization: split(address).map(|(_, user, _)| format!("Basic {}", STANDARD.encode(user))),
            address: without_password(address),
            agent: agent.into(),
            answers: Answers::NotYet,
            damaged: 0,
        }
    }

    /// Asks once. The kind of content, and the content.
    fn ask(&self) -> io::Result<(String, ureq::Body)> {
        let mut request = self.agent.get(&self.address);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let answer = request.call().map_err(ureq::Error::into_io)?;
        let status = answer.status();
        if status == 401 || status == 403 {
            let why = "it wants a user and a password: write the address as http://user:password@… (HTTP Basic only)";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        if !status.is_success() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it answers with status {status}")));
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok((kind.trim().to_ascii_lowercase(), answer.into_body()))
    }

    /// One picture as it came; a few that are damaged are left out.
    fn said(&mut self, bytes: Vec<u8>) -> io::Result<Option<Heard<Pixels>>> {
        match picture::decode(bytes) {
            Ok(pixels) => {
                self.damaged = 0;
                Ok(Some(Heard::Said(pixels)))
            }
            Err(error) => {
                self.damaged += 1;
                if self.damaged < MOST_DAMAGED {
                    Ok(None)
                } else {
                    Err(io::Error::new(io::ErrorKind::InvalidData, error))
                }
            }
        }
    }
}

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Camera({})", self.address)
    }
}

impl fmt::Display for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Device for Camera {
    type Says = Pixels;

    fn open(&mut self) -> io::Result<()> {
        let (kind, body) = self.ask()?;
        self.damaged = 0;
        self.answers = if kind.starts_with("multipart/x-mixed-replace") {
            Answers::Stream(Box::new(Jpegs::new(BufReader::new(body.into_reader()))))
        } else if kind.starts_with("image/") {
            Answers::Snapshots { last: Instant::now() }
        } else {
            let why =
                format!("it answers with {kind:?}, which is no picture; name the address of its stream or snapshot");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        };
        Ok(())
    }

    fn listen(&mut self, heard: &mut VecDeque<Heard<Pixels>>) -> io::Result<()> {
        let bytes = match &mut self.answers {
            Answers::NotYet => return Err(io::ErrorKind::NotConnected.into()),
            Answers::Stream(jpegs) => {
                match jpegs.next().ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "it ended the stream"))? {
                    Err(error) if error.kind() == io::ErrorKind::TimedOut => return self.open(),
                    jpeg => jpeg?,
                }
            }
            Answers::Snapshots { last } => {
                sleep(BETWEEN_SNAPSHOTS.saturating_sub(last.elapsed()));
                *last = Instant::now();
                let (_, body) = self.ask()?;
                body.into_with_config().limit(MOST_BYTES).read_to_vec().map_err(ureq::Error::into_io)?
            }
        };
        heard.extend(self.said(bytes)?);
        Ok(())
    }

    fn close(&mut self) -> Option<Pixels> {
        self.answers = Answers::NotYet;
        None
    }

    /// A machine that does not answer may be switched on later; one that answers wrongly is the wrong address.
    fn is_absence(error: &io::Error) -> bool {
        !matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied
        )
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::source::Attached;

    fn jpeg(width: u32) -> Vec<u8> {
        let mut bytes = io::Cursor::new(Vec::new());
        image::GrayImage::from_pixel(width, 8, image::Luma([9]))
            .write_to(&mut bytes, image::ImageFormat::Jpeg)
            .unwrap();
        bytes.into_inner()
    }

    /// A camera that gives these answers to one request after the other, and goes; its address, and what it was asked.
    fn camera(answers: Vec<Vec<u8>>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://viewer:secret@{}/video", listener.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 2048];
                let read = stream.read(&mut request).unwrap();
                asked.push(String::from_utf8_lossy(&request[..read]).into_owned());
                stream.write_all(&answer).unwrap();
            }
            asked
        });
        (address, asked)
    }

    fn widths(address: &str, most: usize) -> Vec<Result<u32, String>> {
        let heard = Attached::new(Camera::new(address)).unwrap().take(most);
        heard
            .filter_map(|heard| match heard {
                Heard::Said(pixels) => Some(Ok(pixels.size().width)),
                Heard::Gone(why) => Some(Err(why)),
                Heard::Here => None,
            })
            .collect()
    }

    #[test]
    fn a_stream_gives_its_pictures_and_its_end_is_told_without_the_password() {
        let part = |picture: &[u8]| [b"--b\r\nContent-Type: image/jpeg\r\n\r\n", picture, b"\r\n"].concat();
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n".to_vec();
        let (address, asked) = camera(vec![[head, part(&jpeg(16)), part(&jpeg(24))].concat()]);
        let widths = widths(&address, 3);
        assert_eq!(widths[..2], [Ok(16), Ok(24)]);
        let why = widths[2].as_ref().unwrap_err();
        assert!(why.contains("it ended the stream") && !why.contains("secret"), "{why}");
        let asked = asked.join().unwrap();
        assert!(asked[0].to_ascii_lowercase().contains("authorization: basic dmlld2vyonnly3jlda=="), "{}", asked[0]);
    }

    #[test]
    fn snapshots_are_asked_for_again_and_again() {
        let snapshot = |picture: Vec<u8>| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                picture.len()
            );
            [head.into_bytes(), picture].concat()
        };
        let (address, _) = camera([16, 24, 32].map(|width| snapshot(jpeg(width))).to_vec());
        let widths = widths(&address, 3);
        assert_eq!(widths[..2], [Ok(24), Ok(32)], "the first told only that these are snapshots");
        assert!(widths[2].is_err());
    }

    #[test]
    fn what_is_no_camera_is_refused_and_who_is_not_there_is_waited_for() {
        let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n";
        let refused =
            |answer: &[u8]| Attached::new(Camera::new(&camera(vec![answer.to_vec()]).0)).unwrap_err().to_string();
        assert!(refused(page).contains("no picture"));
        assert!(refused(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").contains("user:password"));
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(
            Attached::new(Camera::new(&format!("http://{nobody}/"))).unwrap().next(),
            Some(Heard::Gone(_))
        ));
    }
}
