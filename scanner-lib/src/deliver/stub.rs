//! A registry for tests that fails in every way.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What it does with one request.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Takes the record: 201 with its id.
    Take,
    /// Takes the record, but the answer is lost.
    TakeAndClose,
    /// Closes before it reads.
    CloseAtOnce,
    /// Closes in the middle of the answer's head.
    CloseInTheHead,
    /// Closes in the middle of the answer's body.
    CloseInTheBody,
    /// Never answers.
    Silence,
    /// Answers late, but well.
    Delay(Duration),
    /// Answers this.
    Answer(u16, &'static str),
    /// 503 with Retry-After.
    RetryAfter(u64),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

/// The stub: does one act per request, in order; when they are used up, it takes everything.
pub(super) struct Stub {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    pub(super) fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, taken, stopped) = (Arc::default(), Arc::default(), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (requests, taken, stopped) = (Arc::clone(&requests), Arc::clone(&taken), Arc::clone(&stopped));
            move || {
                let mut acts = acts.into_iter();
                for stream in listener.incoming() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let act = acts.next().unwrap_or(Act::Take);
                    // Whatever breaks here is what the client is tested with.
                    let _ = serve(stream.unwrap(), &act, &requests, &taken);
                }
            }
        });
        Self { url, requests, taken, stopped, thread: Some(thread) }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Every request that was read whole.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies that it took, each once, in the order in which they first came.
    pub(super) fn taken(&self) -> Vec<Vec<u8>> {
        self.taken.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        let _ = self.thread.take().unwrap().join();
    }
}

fn serve(
    mut stream: TcpStream,
    act: &Act,
    requests: &Mutex<Vec<Request>>,
    taken: &Mutex<Vec<Vec<u8>>>,
) -> std::io::Result<()> {
    if matches!(act, Act::CloseAtOnce) {
        return Ok(());
    }
    let request = read(&stream)?;
    let id = serde_json::from_slice::<serde_json::Value>(&request.body).ok();
    let id = id.and_then(|json| json["id"].as_str().map(str::to_owned)).unwrap_or_default();
    requests.lock().unwrap().push(request.clone());
    let take = || {
        let mut taken = taken.lock().unwrap();
        if !taken.contains(&request.body) {
            taken.push(request.body.clone());
        }
    };
    match act {
        Act::CloseAtOnce => Ok(()),
        Act::CloseInTheHead => stream.write_all(b"HTTP/1.1 201 Crea"),
        Act::CloseInTheBody => {
            stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 50\r\n\r\n{\"scan\": {\"id\": \"0192")
        }
        Act::Silence => {
            std::thread::sleep(Duration::from_millis(600));
            Ok(())
        }
        Act::TakeAndClose => {
            take();
            Ok(())
        }
        Act::Take => {
            take();
            answer(&mut stream, 201, "", &format!("{{\"scan\": {{\"id\": \"{id}\"}}}}"))
        }
        Act::Delay(delay) => {
            std::thread::sleep(*delay);
            take();
            answer(&mut stream, 201, "", &format!("{{\"scan\": {{\"id\": \"{id}\"}}}}"))
        }
        Act::Answer(status, body) => answer(&mut stream, *status, "", body),
        Act::RetryAfter(seconds) => answer(&mut stream, 503, &format!("retry-after: {seconds}\r\n"), "{}"),
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Request { head, body })
}

fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}
