//! Where messages go, and by whose right.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use ureq::http::{HeaderValue, Uri};
use zeroize::Zeroizing;

/// An address or token that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadDestination {
    /// Not an address of a server.
    #[error("“{0}” is not the address of a server; write it like https://registry.example")]
    Url(String),
    /// The token has characters that no token has.
    #[error("the token is empty or has characters that no token has; copy it again, whole and on one line")]
    Token,
    /// The token's file cannot be read.
    #[error("the token file {file} cannot be read: {error}")]
    TokenFile {
        /// The file.
        file: String,
        /// Why.
        error: std::io::Error,
    },
}

/// The address of a registry, such as `https://registry.example`, without a slash at the end.
///
/// # Example
/// ```
/// use tessera_scanner::deliver::ServerUrl;
///
/// let server: ServerUrl = "https://Registry.example/tessera/".parse().unwrap();
/// assert_eq!(server.to_string(), "https://registry.example/tessera");
/// assert!(server.is_private());
/// assert!(!"http://registry.example".parse::<ServerUrl>().unwrap().is_private());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerUrl(String);

impl ServerUrl {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nobody on the way can read along: HTTPS, or this machine itself.
    pub fn is_private(&self) -> bool {
        self.0.starts_with("https://") || self.is_this_machine()
    }

    /// Whether the server runs on this machine.
    pub(super) fn is_this_machine(&self) -> bool {
        let uri: Option<Uri> = self.0.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for ServerUrl {
    type Err = BadDestination;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || BadDestination::Url(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| refused())?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refused());
        };
        if authority.as_str().contains('@') || authority.host().is_empty() || uri.query().is_some() {
            return Err(refused());
        }
        let authority = authority.as_str().to_ascii_lowercase();
        Ok(Self(format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/'))))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The token of a workstation: whoever has it acts as its user.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// A token from text; white space around it is dropped.
    ///
    /// # Errors
    /// [`BadDestination::Token`].
    pub fn new(text: &str) -> Result<Self, BadDestination> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadDestination::Token);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// A token from a file.
    ///
    /// # Errors
    /// [`BadDestination::TokenFile`] where it cannot be read, [`BadDestination::Token`] for what is in it.
    pub fn read(file: &Path) -> Result<Self, BadDestination> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| BadDestination::TokenFile { file: file.display().to_string(), error })?;
        Self::new(&Zeroizing::new(text))
    }

    pub(super) fn header(&self) -> HeaderValue {
        let text = Zeroizing::new(format!("Bearer {}", &*self.0));
        let mut value = HeaderValue::from_str(&text).expect("a token is made of visible ASCII characters");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_servers_are_taken() {
        for bad in ["", "registry.example", "ftp://x", "https://", "https://me:secret@x", "https://x/?a=b", "/tmp/x"] {
            assert!(bad.parse::<ServerUrl>().is_err(), "{bad}");
        }
        assert_eq!("http://127.0.0.1:8080/".parse::<ServerUrl>().unwrap().as_str(), "http://127.0.0.1:8080");
    }

    #[test]
    fn this_machine_needs_no_tls() {
        for private in ["http://127.0.0.1:80", "http://[::1]:80", "http://localhost", "https://far.example"] {
            assert!(private.parse::<ServerUrl>().unwrap().is_private(), "{private}");
        }
        for open in ["http://10.0.0.1", "http://127.0.0.1.evil.example", "http://localhost.example"] {
            assert!(!open.parse::<ServerUrl>().unwrap().is_private(), "{open}");
        }
    }

    #[test]
    fn a_token_never_shows() {
        let token = Token::new(" secret-token\n").unwrap();
        assert_eq!(format!("{token:?} {:?}", token.header()), "Token(…) Sensitive");
        assert!(Token::new("two words").is_err() && Token::new(" ").is_err());
    }
}
