//! `tessera-scan scanners`: which scanners are attached to this computer.

use std::path::PathBuf;
use std::process::ExitCode;

use tessera_scanner::source::attached::attached;

/// Lists what `post` can take; ends badly where there is nothing.
pub fn run() -> ExitCode {
    let (keyboards, ports) = attached();
    if keyboards.is_empty() && ports.is_empty() {
        println!(
            "No scanner is attached that this computer names (/dev/input/by-id, /dev/serial/by-id). Plug it in, and ask again."
        );
        return ExitCode::FAILURE;
    }
    print("Keyboards, scanners among them; take one with post --keyboard:", &keyboards);
    print("Serial ports; take one with post --serial:", &ports);
    ExitCode::SUCCESS
}

fn print(heading: &str, paths: &[PathBuf]) {
    if !paths.is_empty() {
        println!("{heading}");
        for path in paths {
            println!("  {}", path.display());
        }
    }
}
