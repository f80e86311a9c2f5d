//! Starts one of the two shells.

fn main() -> std::process::ExitCode {
    match netassist::app::run(netassist::app::Setup::system(Vec::new())) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(_error) => std::process::ExitCode::FAILURE,
    }
}
