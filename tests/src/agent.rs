//! The workstation's program, `tessera-scan post --stdin`, typed into, killed and started again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::program;

/// How one workstation is set up.
#[derive(Clone, Copy, Debug)]
pub struct Workstation<'a> {
    /// Address of the server.
    pub server: &'a str,
    /// The procedure.
    pub procedure: Uuid,
    /// Its outbox; the token lies beside it, in `token`.
    pub outbox: &'a Path,
}

impl Workstation<'_> {
    /// Starts the program; what is typed into it are scans.
    ///
    /// # Panics
    /// If it was not built.
    pub fn start(&self) -> Agent {
        let mut child = self
            .command("post")
            .args(["--stdin", "--server", self.server, "--procedure", &self.procedure.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("it was piped");
        let kept = Arc::default();
        let reader = thread::spawn({
            let kept = Arc::clone(&kept);
            move || read_acknowledgements(stdout, &kept)
        });
        Agent { child, stdin, kept, reader: Some(reader), typed: Vec::new() }
    }

    /// Starts `tessera-scan watch` on a folder of photographs.
    ///
    /// # Panics
    /// If it was not built.
    pub fn watch(&self, folder: &Path) -> Child {
        let mut command = self.command("watch");
        command.arg(folder).args(["--server", self.server, "--procedure", &self.procedure.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program was built")
    }

    /// Runs another subcommand on the same outbox to its end: its exit code and what it printed.
    ///
    /// # Panics
    /// If it was not built.
    pub fn run(&self, subcommand: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(subcommand).args(arguments).output().expect("the program was built");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Waits until `status` says this.
    ///
    /// # Panics
    /// If it does not within a minute.
    pub fn wait_for_status(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let (_, said) = self.run("status", &[]);
            if said.contains(text) {
                return;
            }
            assert!(Instant::now() < deadline, "the status does not say {text:?} within a minute, but: {said}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(program("tessera-scan"));
        for name in ["TESSERA_SERVER", "TESSERA_OUTBOX", "TESSERA_OUTBOX_KEY", "TESSERA_TOKEN"] {
            command.env_remove(name);
        }
        command.arg(subcommand).arg("--outbox").arg(self.outbox).stdin(Stdio::null());
        if subcommand != "status" {
            command.arg("--token-file").arg(self.outbox.with_file_name("token"));
        }
        command
    }
}

/// A running `tessera-scan post --stdin`.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    stdin: Option<ChildStdin>,
    kept: Arc<Mutex<Vec<Uuid>>>,
    reader: Option<JoinHandle<()>>,
    typed: Vec<String>,
}

/// What came of the lines that were typed.
#[derive(Debug, Default)]
pub struct Typed {
    /// Acknowledged: under this id.
    pub acknowledged: Vec<(Uuid, String)>,
    /// Not acknowledged before the end: perhaps kept, perhaps not.
    pub open: Vec<String>,
}

impl Agent {
    /// Types one line.
    pub fn type_line(&mut self, line: &str) {
        self.typed.push(line.to_owned());
        if let Some(stdin) = &mut self.stdin {
            // It may just have ended: then the line is not acknowledged.
            let _ = stdin.write_all(format!("{line}\r\n").as_bytes());
        }
    }

    /// Waits until so many lines are acknowledged.
    ///
    /// # Panics
    /// If they are not within a minute.
    pub fn wait_for_acknowledged(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.kept.lock().expect("nobody fails while holding it").len() < count {
            assert!(Instant::now() < deadline, "{count} lines are not acknowledged within a minute");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it as a power cut does.
    pub fn kill(mut self) -> Typed {
        self.child.kill().expect("it is our own child");
        self.end()
    }

    /// Closes its input and waits until it has ended; with its exit code.
    pub fn finish(mut self) -> (Option<i32>, Typed) {
        self.stdin = None;
        let status = self.child.wait().expect("it is our own child");
        (status.code(), self.end())
    }

    fn end(&mut self) -> Typed {
        self.stdin = None;
        self.child.wait().expect("it is our own child");
        self.reader.take().expect("it ends once").join().expect("nothing was refused by the outbox");
        let kept = std::mem::take(&mut *self.kept.lock().expect("nobody fails while holding it"));
        let mut lines = std::mem::take(&mut self.typed);
        assert!(kept.len() <= lines.len(), "more was acknowledged than typed");
        let open = lines.split_off(kept.len());
        // One line is answered by one acknowledgement, in order.
        Typed { acknowledged: kept.into_iter().zip(lines).collect(), open }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes the ids of the lines `kept ID`. A line that was cut off is no acknowledgement.
fn read_acknowledgements(stdout: ChildStdout, kept: &Mutex<Vec<Uuid>>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = String::new();
        if !matches!(reader.read_line(&mut line), Ok(1..)) || !line.ends_with('\n') {
            return;
        }
        assert!(!line.starts_with("not kept"), "{line}");
        if let Some(id) = line.trim_end().strip_prefix("kept ").and_then(|id| id.parse().ok()) {
            kept.lock().expect("nobody fails while holding it").push(id);
        }
    }
}
