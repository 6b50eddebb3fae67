//! Someone who asks the server: anonymous, signed in, or a workstation with a token. All share one request.

use serde_json::{Value, json};
use ureq::http::{Request, Response};

/// Someone who asks.
#[derive(Clone, Debug)]
pub struct Actor {
    base: String,
    agent: ureq::Agent,
    cookie: Option<String>,
    csrf: Option<String>,
    token: Option<String>,
    browser: bool,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as bytes.
    pub bytes: Vec<u8>,
    /// What was asked, for messages.
    asked: String,
}

impl Actor {
    /// Someone who has not signed in.
    pub fn new(base: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(30)))
            .build()
            .into();
        Self { base: base.to_owned(), agent, cookie: None, csrf: None, token: None, browser: false }
    }

    /// A workstation with its token.
    pub fn with_token(base: &str, token: String) -> Self {
        Self { token: Some(token), ..Self::new(base) }
    }

    /// The same person at a browser: problems come as pages.
    #[must_use]
    pub fn with_browser(&self) -> Self {
        Self { browser: true, ..self.clone() }
    }

    /// Signs in; from then on every request carries the session and its form token.
    ///
    /// # Panics
    /// If the server does not take the password.
    pub fn sign_in(&mut self, username: &str, password: &str) {
        let answer = self.post("/api/v1/session", &json!({"username": username, "password": password})).expect(200);
        let cookie = answer.header("set-cookie").expect("signing in sets a cookie");
        self.cookie = cookie.split(';').next().map(str::to_owned);
        self.csrf = Some(answer.json()["csrf"].as_str().expect("signing in gives a form token").to_owned());
    }

    /// The session's form token.
    pub fn csrf(&self) -> &str {
        self.csrf.as_deref().expect("only who has signed in has a form token")
    }

    /// The same person without the form token: what another site could make a browser send.
    #[must_use]
    pub fn without_csrf(&self) -> Self {
        Self { csrf: None, ..self.clone() }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new())
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", body.to_string().into_bytes())
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, "", Vec::new())
    }

    /// POST of a page's form; the form token is added.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf.as_deref().map(|csrf| ("csrf", csrf));
        let pairs: Vec<String> = token
            .into_iter()
            .chain(fields.iter().copied())
            .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
            .collect();
        self.send("POST", path, "application/x-www-form-urlencoded", pairs.join("&").into_bytes())
    }

    /// POST of `multipart/form-data`: a JSON field and a file.
    pub fn post_file(&self, path: &str, meta: &Value, field: &str, file: &str, kind: &str, bytes: &[u8]) -> Answer {
        let edge = "tessera-test-edge-7d1c";
        let mut body = format!(
            "--{edge}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n\
             --{edge}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\nContent-Type: {kind}\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{edge}--\r\n").as_bytes());
        self.send("POST", path, &format!("multipart/form-data; boundary={edge}"), body)
    }

    /// The one request that all share.
    ///
    /// # Panics
    /// If no answer comes.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.try_send(method, path, kind, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// As [`Self::send`], where the server may be down.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn try_send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let headers = [
            ("content-type", (!kind.is_empty()).then(|| kind.to_owned())),
            ("accept", self.browser.then(|| "text/html".to_owned())),
            ("cookie", self.cookie.clone()),
            ("x-csrf-token", self.csrf.clone()),
            ("authorization", self.token.as_ref().map(|token| format!("Bearer {token}"))),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let request = request.body(body).map_err(ureq::Error::from)?;
        Answer::read(format!("{method} {path}"), self.agent.run(request)?)
    }
}

impl Answer {
    fn read(asked: String, mut response: Response<ureq::Body>) -> Result<Self, ureq::Error> {
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
        let headers = headers.collect();
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        Ok(Self { status, headers, bytes, asked })
    }

    /// The same answer, if its status is this one.
    ///
    /// # Panics
    /// If it is another.
    #[expect(clippy::return_self_not_must_use, reason = "often the status is all that a test asks about")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).expect("half a byte is one digit")
}

/// Percent-encodes all but letters and digits, which is always allowed.
fn percent(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            coded.push(byte.into());
        } else {
            coded.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    coded
}
