//! The `bex` command.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(bex::cli::run(std::env::args_os()) as u8)
}
