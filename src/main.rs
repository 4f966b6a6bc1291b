//! The `bex` command.

fn main() -> std::process::ExitCode {
    bex::cli::process()
}
