//! Where webhooks may go.
//!
//! Whoever sets a webhook up makes this server send requests, so it is not to become a way into the network behind it
//! (server-side request forgery; OWASP, "SSRF Prevention"): only https to public addresses, or the same machine. Hosts inside the
//! hospital's own network are named in the settings. An address is judged when the webhook is set up, and the resolved one again at
//! each sending: a name that later leads elsewhere is refused then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

use crate::error::Problem;

/// Characters of an address at the most.
const LONGEST: usize = 500;

/// Which hosts may be reached.
#[derive(Clone, Debug, Default)]
pub struct Destinations {
    /// Hosts of the hospital's own network, in lower case: they may have private addresses, and be reached without TLS.
    inside: Vec<String>,
}

impl Destinations {
    /// With these hosts inside.
    pub fn new(inside: &[String]) -> Self {
        Self { inside: inside.iter().map(|host| host.trim().to_lowercase()).collect() }
    }

    /// The address as it may be kept.
    ///
    /// # Errors
    /// [`Code::InvalidInput`](crate::error::Code::InvalidInput), saying why it may not be used.
    pub fn checked(&self, url: &str) -> Result<String, Problem> {
        let url = url.trim();
        let refused = |why: &str| Problem::invalid(format!("The address cannot be used: {why}"));
        if url.chars().count() > LONGEST {
            return Err(refused("it has more than 500 characters."));
        }
        let uri: Uri = url.parse().map_err(|_| refused("it is no web address such as https://host/path."))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refused("it is no web address such as https://host/path."));
        };
        if authority.as_str().contains('@') {
            return Err(refused("it carries a user name; the signature shows the receiver who sends."));
        }
        let host = host_of(&uri);
        let inside = self.is_inside(&host);
        match scheme {
            "https" => {}
            "http" if inside || is_this_machine(&host) => {}
            "http" => {
                return Err(refused("http is taken only on this machine and for hosts named in webhooks.inside."));
            }
            _ => return Err(refused("only https is taken.")),
        }
        if let Ok(ip) = host.parse()
            && !self.may_reach(&host, ip)
        {
            return Err(refused("it lies in a private network; an administrator names such hosts in webhooks.inside."));
        }
        Ok(url.to_owned())
    }

    /// Whether a host that resolved to this address may be reached.
    pub fn may_reach(&self, host: &str, ip: IpAddr) -> bool {
        let host = host.to_lowercase();
        self.is_inside(&host) || if is_this_machine(&host) { ip.to_canonical().is_loopback() } else { is_public(ip) }
    }

    fn is_inside(&self, host: &str) -> bool {
        self.inside.iter().any(|inside| inside == host)
    }
}

/// The host in lower case, an IPv6 address without its brackets.
pub fn host_of(uri: &Uri) -> String {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_lowercase()
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Whether an address is of the public internet (IANA's registries of special-purpose addresses, RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0);
    let benchmarks = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || protocols
        || benchmarks)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    // 64:ff9b::/96 and 2002::/16 carry an IPv4 address.
    let carried = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => carried(high, low),
        // Global unicast, without documentation and without the block of protocol assignments.
        [0x2001, 0xdb8 | 0..=0x1ff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rules: &Destinations, url: &str) -> bool {
        rules.checked(url).is_ok()
    }

    #[test]
    fn only_https_or_this_machine_unless_named_in_the_settings() {
        let rules = Destinations::default();
        for url in
            ["https://hooks.example.org/a?b=c", "http://localhost:9000/x", "http://127.0.0.1/", "http://[::1]:8080/"]
        {
            assert!(taken(&rules, url), "{url}");
        }
        for url in [
            "http://hooks.example.org/",
            "ftp://hooks.example.org/",
            "file:///etc/passwd",
            "hooks.example.org",
            "https://user:word@hooks.example.org/",
            "https://10.0.0.8/",
            "https://169.254.169.254/latest/meta-data",
            "https://[fd00::1]/",
            "https://[::ffff:192.168.0.1]/",
            "",
        ] {
            assert!(!taken(&rules, url), "{url}");
        }
        assert!(!taken(&rules, &format!("https://hooks.example.org/{}", "a".repeat(500))));
        let inside = Destinations::new(&["Integration.trust.example".to_owned(), "10.0.0.8".to_owned()]);
        assert!(taken(&inside, "http://integration.trust.example:8081/hook"));
        assert!(taken(&inside, "https://10.0.0.8/") && !taken(&inside, "https://10.0.0.9/"));
    }

    #[test]
    fn a_public_name_may_not_lead_inside() {
        let (rules, inside) = (Destinations::default(), Destinations::new(&["integration.trust.example".to_owned()]));
        let reach = |rules: &Destinations, host: &str, ip: &str| rules.may_reach(host, ip.parse().unwrap());
        assert!(reach(&rules, "hooks.example.org", "93.184.215.14"));
        assert!(reach(&rules, "hooks.example.org", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"));
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001:db8::1",
            "2001:10::1",
        ] {
            assert!(!reach(&rules, "hooks.example.org", ip), "{ip}");
        }
        assert!(reach(&rules, "localhost", "127.0.0.1") && !reach(&rules, "localhost", "10.0.0.1"));
        assert!(reach(&inside, "integration.trust.example", "10.1.2.3"));
    }
}
