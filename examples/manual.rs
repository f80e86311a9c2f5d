//! Writes the manual pages and the completions for bash, zsh and fish, from the definition of the command line, for
//! packages (`.ci/package`).
//!
//!     cargo run --release --example manual -- FOLDER

use std::path::PathBuf;
use std::{env, fs, io};

use clap_complete::{Shell, generate};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or(io::Error::other("usage: manual FOLDER"))?;
    let command = netassist::cli::command();
    for (shell, below, name) in [
        (Shell::Bash, "bash-completion/completions", "netassist"),
        (Shell::Zsh, "zsh/vendor-completions", "_netassist"),
        (Shell::Fish, "fish/vendor_completions.d", "netassist.fish"),
    ] {
        let below = folder.join(below);
        fs::create_dir_all(&below)?;
        let mut file = fs::File::create(below.join(name))?;
        generate(shell, &mut command.clone(), "netassist", &mut file);
    }
    let pages = folder.join("man/man1");
    fs::create_dir_all(&pages)?;
    // A page on `netassist help` would say nothing.
    clap_mangen::generate_to(command.disable_help_subcommand(true), pages)
}
