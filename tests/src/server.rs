//! The real server, started, killed and started again.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Actor, Database, Engine, program};

/// Of every user that the harness adds.
const PASSWORD: &str = "correct horse battery staple";

/// `tessera serve` on a free port of loopback, with a database of its own.
#[derive(Debug)]
pub struct Server {
    database: Database,
    /// `http://127.0.0.1:PORT`; the same after a restart, so that agents find it again.
    base: String,
    child: Option<Child>,
    log: Arc<Mutex<String>>,
    users: Mutex<HashSet<String>>,
}

impl Server {
    /// Starts one on a new, empty database.
    pub fn start(engine: Engine) -> Self {
        let database = Database::new(engine);
        // An identity key for tests: any 32 bytes will do.
        std::fs::write(database.folder().join("identity.key"), "5e".repeat(32)).expect("the test's folder is writable");
        let mut server = Self {
            database,
            base: "http://127.0.0.1:0".to_owned(),
            child: None,
            log: Arc::default(),
            users: Mutex::default(),
        };
        server.restart();
        server
    }

    /// Starts it again at the same address, after [`Self::kill`] or [`Self::terminate`].
    ///
    /// # Panics
    /// If it is not ready within a minute; the message holds its log.
    pub fn restart(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let listen = self.base.trim_start_matches("http://").to_owned();
        let mut child = self
            .command(&["serve"])
            .args(["--listen", &listen, "--key-file"])
            .arg(self.database.folder().join("identity.key"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let log = Arc::clone(&self.log);
        let mut stderr = child.stderr.take().expect("it was piped");
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut chunk) {
                held(&log).push_str(&String::from_utf8_lossy(&chunk[..length]));
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().expect("it was piped"));
        let (ready, is_ready) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = stdout.read_line(&mut line);
            let _ = ready.send(line);
            // Whatever else it prints must not stop it on a full pipe.
            let _ = std::io::copy(&mut stdout, &mut std::io::sink());
        });
        let line = is_ready.recv_timeout(Duration::from_secs(60)).unwrap_or_default();
        let Some(base) = line.trim().strip_prefix("listening on ") else {
            let _ = child.kill();
            panic!("the server did not start; it said {line:?} and logged:\n{}", self.log());
        };
        base.clone_into(&mut self.base);
        self.child = Some(child);
    }

    /// Kills it as a power cut does: at once, with nothing tidied up.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is our own child");
            child.wait().expect("it is our own child");
        }
    }

    /// Asks it to stop (SIGTERM) and waits until it has; true where it ended well.
    pub fn terminate(&mut self) -> bool {
        let mut child = self.child.take().expect("the server runs");
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "the server could not be told to stop");
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = child.try_wait().expect("it is our own child") {
                return status.success();
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                panic!("the server did not stop within 30 s; it logged:\n{}", self.log());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its address, such as `http://127.0.0.1:41234`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        held(&self.log).clone()
    }

    /// Someone who has not signed in.
    pub fn anonymous(&self) -> Actor {
        Actor::new(&self.base)
    }

    /// Someone of this role who has signed in; the user (named as the role) is added when first asked for.
    pub fn signed_in(&self, role: &str) -> Actor {
        self.add_user(role, role);
        let mut actor = self.anonymous();
        actor.sign_in(role, PASSWORD);
        actor
    }

    /// A workstation that acts as the user of this role, by its token.
    pub fn workstation(&self, role: &str) -> Actor {
        Actor::with_token(&self.base, self.token(role))
    }

    /// The token of a workstation that acts as the user of this role.
    pub fn token(&self, role: &str) -> String {
        self.add_user(role, role);
        self.run(&["user", "token"], &["--username", role], "").trim().to_owned()
    }

    /// Adds a user with the harness's password, once.
    pub fn add_user(&self, username: &str, role: &str) {
        if held(&self.users).insert(username.to_owned()) {
            self.run(&["user", "add"], &["--username", username, "--role", role, "--password-stdin"], PASSWORD);
        }
    }

    /// The password of every user that [`Self::add_user`] adds.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Runs another command of the program on the same database and returns what it prints.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(&self, command: &[&str], arguments: &[&str], input: &str) -> String {
        let (ended_well, said, error) = self.attempt(command, arguments, input);
        assert!(ended_well, "tessera {command:?} {arguments:?} failed: {error}");
        said
    }

    /// The same for a command that may refuse: whether it ended well, what it printed, and what it complained of.
    ///
    /// # Panics
    /// If the program was not built.
    pub fn attempt(&self, command: &[&str], arguments: &[&str], input: &str) -> (bool, String, String) {
        let mut child = self
            .command(command)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        // A command that refuses at once may not wait for its input.
        let _ = child.stdin.take().expect("it was piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it is our own child");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), String::from_utf8(output.stdout).expect("programs print UTF-8"), error)
    }

    fn command(&self, command: &[&str]) -> Command {
        let mut built = Command::new(program("tessera"));
        // Only what the test says counts: no settings of the machine that it runs on.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TESSERA_") {
                built.env_remove(name);
            }
        }
        built.current_dir(self.database.folder()).args(command).args(["--database", &self.database.url()]);
        built
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds one of these")
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}
